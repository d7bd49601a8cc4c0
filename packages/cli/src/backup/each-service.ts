import { Failure } from '../failure.ts'
import type { Service } from '../services/stack.ts'

/**
 * Calls `work` for one service after the other, and goes on with the next if it fails. Fails at the end with all problems. An aborted
 * `signal` ends it at once.
 */
export async function eachService(
  services: Service[],
  work: (service: Service) => Promise<void>,
  signal?: AbortSignal
): Promise<void> {
  const problems: string[] = []
  for (const service of services) {
    try {
      await work(service)
    } catch (error) {
      if (services.length === 1 || signal?.aborted) throw error
      const problem = error instanceof Failure ? error.message : ((error as Error).stack ?? String(error))
      console.error(`${service.name}: failed: ${problem}`)
      problems.push(`\n  ${service.name}: ${problem}`)
    }
  }
  if (problems.length === 0) return
  throw new Failure(`${problems.length} of ${services.length} services have no new backup:${problems.join('')}`)
}
