import { OWN_SERVICE } from './own-service.ts'
import { runService } from './run-service.ts'

runService(OWN_SERVICE)
