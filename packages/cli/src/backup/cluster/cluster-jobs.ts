import { setTimeout as delay } from 'node:timers/promises'
import { type Cluster, kubectlByHand } from '../../cluster/kubectl.ts'
import { EVENT_LOG, storeSecret } from '../../cluster/secrets.ts'
import { Failure } from '../../failure.ts'
import type { Service, Stack } from '../../services/stack.ts'
import { eachService } from '../each-service.ts'
import { ERASURE_PUBLISHER } from '../erasures/people.ts'
import { erasesCustomers, publishersFor } from '../local/services.ts'

type Variable = { name: string; value?: string; valueFrom?: object }
type Container = { args?: string[]; env?: Variable[] }
type PodTemplate = { metadata: object; spec: { containers: [Container, ...Container[]] } }
type JobSpec = { backoffLimit?: number; activeDeadlineSeconds?: number; template: PodTemplate }
type CronJob = { spec: { jobTemplate: { spec: JobSpec } } }
type Job = { status?: { succeeded?: number; conditions?: { type: string; status: string; message?: string }[] } }

/** How long (s) a finished Job stays, so that its log can be read. */
const KEPT_SECONDS = 86_400
const CHECK_MS = 2_000
/** How long (s) a Job may take if its CronJob does not say. */
const USUAL_DEADLINE = 7_200

type BackupOptions = { allowEmpty?: boolean; say: (line: string) => void }

/** Runs the backup jobs of services now, one after the other. Fails at the end with the log of each job that failed. */
export async function backUpInCluster(
  cluster: Cluster,
  services: Service[],
  { allowEmpty = false, say }: BackupOptions
) {
  await eachService(services, async ({ name }) => {
    say(`${name}: running its backup job`)
    const { spec } = (await requireCronJob(cluster, name)).spec.jobTemplate
    const job = allowEmpty ? withArgs(spec, ['backup', '--allow-empty']) : spec
    say(await runJob(cluster, `${name}-backup-${Date.now()}`, job))
  })
}

function withArgs(spec: JobSpec, args: string[]): JobSpec {
  const [container, ...others] = spec.template.spec.containers
  const pod = { ...spec.template.spec, containers: [{ ...container, args }, ...others] as [Container] }
  return { ...spec, template: { ...spec.template, spec: pod } }
}

type RestoreOptions = { at: string; as: string | undefined; say: (line: string) => void }

/**
 * Restores services in a cluster, each by a Job with the pod of the service's backup. Fails before it changes anything if one of the
 * services has pods, unless the restore is a copy.
 */
export async function restoreInCluster(stack: Stack, cluster: Cluster, services: Service[], options: RestoreOptions) {
  const { at, as, say } = options
  if (as === undefined) await requireNoPods(cluster, services)
  const jobs: { name: string; spec: JobSpec }[] = []
  for (const { name } of services) {
    const { spec } = (await requireCronJob(cluster, name)).spec.jobTemplate
    jobs.push({ name, spec: restoreSpec(spec, restoreArgs(stack, name, at, as)) })
  }
  for (const { name, spec } of jobs) say(await runJob(cluster, `${name}-restore-${Date.now()}`, spec))
}

function restoreArgs(stack: Stack, name: string, at: string, as: string | undefined): string[] {
  const args = ['restore', '--at', at, '--publishers', publishersFor(stack, name).join(',')]
  if (as !== undefined) args.push('--as', as)
  if (erasesCustomers(stack, name)) args.push('--erases-customers')
  return args
}

/** Returns the Job of a restore: the pod of the backup, with the access to the event log and to the list of erased people. */
function restoreSpec(spec: JobSpec, args: string[]): JobSpec {
  const [container, ...others] = spec.template.spec.containers
  const secret = (name: string, key: string, optional = false) => ({ secretKeyRef: { name, key, optional } })
  const env: Variable[] = [
    ...(container.env ?? []),
    { name: 'EVENT_LOG_USERNAME', valueFrom: secret(EVENT_LOG, 'username') },
    { name: 'EVENT_LOG_PASSWORD', valueFrom: secret(EVENT_LOG, 'password') },
    { name: 'PUBLISHER_STORE_URL', valueFrom: secret(storeSecret(ERASURE_PUBLISHER), 'url', true) }
  ]
  const pod = { ...spec.template.spec, containers: [{ ...container, args, env }, ...others] as [Container] }
  // A restore that failed needs a person who looks why.
  return { ...spec, backoffLimit: 0, template: { ...spec.template, spec: pod } }
}

async function requireCronJob(cluster: Cluster, service: string): Promise<CronJob> {
  const name = `${storeSecret(service)}-backup`
  const cronJob = await cluster.get<CronJob>('cronjob', name)
  if (cronJob) return cronJob
  throw new Failure(
    `${cluster.namespace} has no CronJob ${name}`,
    `Switch on its backups: bulkhead deploy ${storeSecret(service)} --namespace ${cluster.namespace} --values FILE (docs/backups.md)`
  )
}

/** Fails if a service has pods, with the command that stops it. */
async function requireNoPods(cluster: Cluster, services: Service[]) {
  type Pods = { items: { metadata: { name: string } }[] }
  for (const { name } of services) {
    const selector = `app.kubernetes.io/name=${name},app.kubernetes.io/component=service`
    const pods = (await cluster.get<Pods>('pods', '--selector', selector))?.items ?? []
    if (pods.length === 0) continue
    const names = services.map(service => service.name).join(' ')
    const kubectl = kubectlByHand(cluster)
    throw new Failure(
      `${name} runs: it has ${pods.length} ${pods.length === 1 ? 'pod' : 'pods'}`,
      `Stop it first. Delete its autoscaler too, which would start it again; \`bulkhead deploy\` creates it again:
  ${kubectl} delete hpa ${names} --ignore-not-found
  ${kubectl} scale deployment ${names} --replicas=0
After the restore: bulkhead deploy ${names} --namespace ${cluster.namespace}`
    )
  }
}

/** Runs a Job, and resolves with its log. Fails with the log if the Job fails. */
async function runJob(cluster: Cluster, name: string, spec: JobSpec): Promise<string> {
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels: { 'app.kubernetes.io/part-of': 'bulkhead', 'app.kubernetes.io/component': 'backup' } },
    spec: { ...spec, ttlSecondsAfterFinished: KEPT_SECONDS }
  }
  await cluster.kubectl(['create', '--filename=-'], JSON.stringify(job))
  const limit = Date.now() + 1_000 * (spec.activeDeadlineSeconds ?? USUAL_DEADLINE)
  while (Date.now() < limit) {
    const { status = {} } = (await cluster.get<Job>('job', name)) ?? {}
    const failed = status.conditions?.find(({ type, status: value }) => type === 'Failed' && value === 'True')
    if (status.succeeded || failed) {
      const log = await cluster.kubectl(['logs', `job/${name}`, '--tail=20']).catch(error => (error as Error).message)
      if (!failed) return log.trim()
      throw new Failure(
        `the job ${name} failed: ${log.trim() || failed.message}`,
        `${kubectlByHand(cluster)} describe job ${name}`
      )
    }
    await delay(CHECK_MS)
  }
  throw new Failure(`the job ${name} did not end in time`, `${kubectlByHand(cluster)} logs job/${name}`)
}
