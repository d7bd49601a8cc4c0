import { runService } from '@bulkhead/chassis/service'
import { cart } from './service.ts'

await runService(cart, process.env)
