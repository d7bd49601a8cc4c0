import { serviceConfig } from '@bulkhead/chassis/core'

/** What the service reads from its environment. */
export const config = serviceConfig
