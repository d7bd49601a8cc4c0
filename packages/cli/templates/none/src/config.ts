import { serviceConfig } from '@bulkhead/chassis/config'

/** What the service reads from its environment. */
export const config = serviceConfig
