import { runService } from '@bulkhead/chassis/service'
import { service } from './service.ts'

await runService(service, process.env)
