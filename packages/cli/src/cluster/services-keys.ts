import { Failure } from '../failure.ts'
import { type Cluster, kubectlWithin } from './kubectl.ts'
import { lastWarning, whyNotReady } from './why-not-ready.ts'

type Job = { metadata: { name: string; creationTimestamp: string } }

/** How long the Job may take to write the keys (seconds). */
const LIMIT = 45
/** The name of the ConfigMap. The names of the Jobs that write it start with it. */
const NAME = 'services-jwks'

/** Waits for the ConfigMap with the public keys of service tokens. Fails with the Job that has not written it, and why. */
export async function untilServiceKeysExist(cluster: Cluster): Promise<void> {
  try {
    await kubectlWithin(cluster, ['wait', '--for=create', `configmap/${NAME}`], LIMIT)
  } catch (cause) {
    const job = await newestJob(cluster)
    const reason = job && ((await whyNotReady(cluster, NAME)) ?? (await lastWarning(cluster, job)))
    throw new Failure(
      job
        ? `Job ${job} did not write the ConfigMap ${NAME} within ${LIMIT} s: ${reason || (cause as Error).message}`
        : `no Job writes the ConfigMap ${NAME}`,
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
