import { runService } from '@bulkhead/chassis/service'
import { orders } from './service.ts'

await runService(orders, process.env)
