import { Failure } from '../failure.ts'
import { type Cluster, kubectlWithin } from './kubectl.ts'
import { lastWarning, whyNotReady } from './why-not-ready.ts'

type Job = { metadata: { name: string; creationTimestamp: string } }

/** Seconds in which the cluster's keys must be read. */
const LIMIT = 45
/** Of the ConfigMap, and what the names of the Jobs that write it begin with. */
const NAME = 'services-jwks'

/** Waits for the keys with which services verify each other. Fails with the Job that has not written them, and why. */
export async function untilKeysAreRead(cluster: Cluster): Promise<void> {
  try {
    await kubectlWithin(cluster, ['wait', '--for=create', `configmap/${NAME}`], LIMIT)
  } catch (cause) {
    const job = await newestJob(cluster)
    const reason = job && ((await whyNotReady(cluster, NAME)) ?? (await lastWarning(cluster, job)))
    throw new Failure(
      job
        ? `Job ${job} has not written the ConfigMap ${NAME} within ${LIMIT} s: ${reason || (cause as Error).message}`
        : `there is no Job that writes the ConfigMap ${NAME}`,
      job ? undefined : 'Deploy the platform again: bulkhead deploy platform',
      { cause }
    )
  }
}

async function newestJob(cluster: Cluster): Promise<string | undefined> {
  const { items } = (await cluster.get<{ items: Job[] }>('jobs')) ?? { items: [] }
  return items
    .map(({ metadata }) => metadata)
    .filter(({ name }) => name.startsWith(`${NAME}-`))
    .sort((one, other) => one.creationTimestamp.localeCompare(other.creationTimestamp))
    .at(-1)?.name
}
