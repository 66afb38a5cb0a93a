import { runService } from '../../src/run-service.ts'
import { ORDERS_SERVICE } from './orders-service.ts'

runService(ORDERS_SERVICE)
