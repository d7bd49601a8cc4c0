import { runService } from '@bulkhead/chassis/service'
import { payments } from './service.ts'

await runService(payments, process.env)
