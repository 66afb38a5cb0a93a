import { FACTORS_SERVICE } from './factors-service.ts'
import { runService } from './run-service.ts'

runService(FACTORS_SERVICE)
