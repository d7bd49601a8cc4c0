import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { type Contract, contract } from './contracts.ts'

const key = (service: string) => `contract:${service}`

export type ContractCache = {
  /** The contract read last of a service, by any replica; undefined where there is none. */
  read(service: string): Promise<Contract | undefined>
  /** Resolves with whether it is kept now. */
  keep(service: string, contract: Contract): Promise<boolean>
}

/** Contracts in Redis, for a gateway that starts while a service is away. Only a help: without Redis it remembers nothing. */
export const contractCache = (redis: Redis, log: Logger): ContractCache => ({
  async read(service) {
    try {
      const text = await redis.get(key(service))
      return text === null ? undefined : contract.parse(JSON.parse(text))
    } catch (error) {
      log.debug({ err: error, service }, 'no contract of it can be remembered')
      return undefined
    }
  },
  async keep(service, { digest, provides }) {
    try {
      await redis.set(key(service), JSON.stringify({ digest, provides }))
      return true
    } catch (error) {
      log.debug({ err: error, service }, 'its contract can not be kept')
      return false
    }
  }
})
