export { openMongoStore } from './mongo-store.ts'
export { openRedisStore } from './redis-store.ts'
export { runService } from './service.ts'
