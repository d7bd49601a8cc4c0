import { cacheCounter } from '@bulkhead/chassis/core'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { type Contract, contract } from './contracts.ts'

const key = (service: string) => `contract:${service}`

export type ContractCache = {
  /** Returns the latest contract of a service that any replica has read; undefined if there is none. */
  read(service: string): Promise<Contract | undefined>
  /** Stores a contract. Resolves with true if Redis has stored it. */
  keep(service: string, contract: Contract): Promise<boolean>
}

/**
 * Stores contracts in Redis, for a gateway that starts while a service is unavailable. Without Redis, no contract is stored and no call
 * fails.
 */
export function contractCache(redis: Redis, log: Logger, registry: Registry): ContractCache {
  const requests = cacheCounter(registry, 'contracts')
  return {
    async read(service) {
      try {
        const text = await redis.get(key(service))
        const found = text === null ? undefined : contract.parse(JSON.parse(text))
        if (found) requests.hit()
        else requests.miss()
        return found
      } catch (error) {
        requests.miss()
        log.debug({ err: error, service }, 'Cannot read the contract of a service from Redis')
        return undefined
      }
    },
    async keep(service, { digest, provides }) {
      try {
        await redis.set(key(service), JSON.stringify({ digest, provides }))
        return true
      } catch (error) {
        log.debug({ err: error, service }, 'Cannot keep the contract of a service in Redis')
        return false
      }
    }
  }
}
