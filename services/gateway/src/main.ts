import { runService } from '@bulkhead/chassis/service'
import { gateway } from './service.ts'

await runService(gateway, process.env)
