import { runService } from '@bulkhead/chassis/service'
import { inventory } from './service.ts'

await runService(inventory, process.env)
