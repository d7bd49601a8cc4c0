import { neededServices } from '../../../packages/cli/src/services/needs.ts'
import { connectToStores, isBlocked, isEnforced } from '../installation/enforcement.ts'
import { type InstalledPod, installedPods, runInside } from '../installation/installed-pods.ts'
import type { Installation, Part } from '../part.ts'

/** The status of each answer, or the error if there was no answer, by the name of the called server. */
type Answers = Record<string, number | string>

/** A path without an operation. With a valid token, a service answers 404; with a token for another service, 401. */
const NOWHERE = '/no-such-operation'
/** The path at which a pod usually has a token for the Kubernetes API. */
const USUAL_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token'

const ASK = `
import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
const token = target => readFile('/var/run/bulkhead/tokens/' + target, 'utf8').then(text => text.trim())
const ask = (url, authorization) => fetch(url, { headers: authorization ? { authorization } : {}, signal: AbortSignal.timeout(5000) })
  .then(answer => answer.status, error => String(error.cause?.code ?? error.message))
const askKubernetes = (path, authorization) => new Promise(resolve => {
  const options = { headers: authorization ? { authorization } : {}, rejectUnauthorized: false, timeout: 5000 }
  const asking = request('https://kubernetes.default.svc' + path, options, answer => resolve(answer.resume().statusCode))
  asking.on('timeout', () => asking.destroy(new Error('no answer'))).on('error', error => resolve(error.code ?? error.message)).end()
})
const answers = {}
`

const CALLEES = `${ASK}
for (const target of given.targets) for (const callee of given.services)
  answers[target + ' ' + callee] = await ask('http://' + callee + ':8080' + given.path, 'Bearer ' + (await token(target)))
console.log(JSON.stringify(answers))
`

const KUBERNETES = `${ASK}
for (const path of given.paths) {
  answers['nobody ' + path] = await askKubernetes(path)
  for (const target of given.targets)
    answers[target + ' ' + path] = await askKubernetes(path, 'Bearer ' + (await token(target)))
}
const isThere = await readFile(given.usual).then(() => true, () => false)
console.log(JSON.stringify({ isThere, answers }))
`

/** Checks that only the target of a token accepts it, and that the Kubernetes API accepts no token of a service. */
export const serviceTokens: Part = {
  name: 'separation of tokens',
  async run(installation) {
    const { cluster, stack, say } = installation
    const services = stack.services.map(({ name }) => name)
    // A failed connection counts as a refusal only if policies are enforced. Otherwise a broken network would look like a refusal.
    const enforced = isEnforced(await connectToStores(installation))
    const callers = services.filter(name => name !== 'gateway' && neededServices(stack, name).length > 0)
    const tried = await Promise.all(callers.map(name => tryTokens(installation, name, services, enforced)))
    const asked = await Promise.all(services.map(name => tryKubernetesApi(installation, name, enforced)))
    const count = [...tried, ...asked].reduce((sum, { requests }) => sum + requests, 0)
    say(
      `    ${count} requests from the pods of ${services.length} services, policies are ${enforced ? '' : 'not '}enforced`
    )
    return [
      ...[...tried, ...asked].flatMap(({ findings }) => findings),
      ...(await installedPods(cluster)).flatMap(podWithToken)
    ]
  }
}

type Tried = { requests: number; findings: string[] }

async function tryTokens(
  { cluster, stack }: Installation,
  caller: string,
  services: string[],
  enforced: boolean
): Promise<Tried> {
  const targets = neededServices(stack, caller)
  const given = { targets, services, path: NOWHERE }
  const answers = Object.entries(await runInside<Answers>(cluster, caller, given, CALLEES))
  const findings = answers.flatMap(([which, came]) => {
    const [target, callee] = which.split(' ') as [string, string]
    const isRight = target === callee ? came === 404 : isRefusal(came, [401], enforced && !targets.includes(callee))
    return isRight ? [] : [`the token of ${caller} for ${target} gets ${came} from ${callee}`]
  })
  return { requests: answers.length, findings }
}

async function tryKubernetesApi({ cluster, stack }: Installation, service: string, enforced: boolean): Promise<Tried> {
  const targets = service === 'gateway' ? [] : neededServices(stack, service)
  const paths = ['secrets', 'pods', 'configmaps'].map(kind => `/api/v1/namespaces/${cluster.namespace}/${kind}`)
  const given = { targets, paths, usual: USUAL_TOKEN }
  const asked = await runInside<{ isThere: boolean; answers: Answers }>(cluster, service, given, KUBERNETES)
  const answers = Object.entries(asked.answers)
  const wrong = answers.filter(([, came]) => !isRefusal(came, [401, 403], enforced))
  return {
    requests: answers.length,
    findings: [
      ...(asked.isThere ? [`${service} has ${USUAL_TOKEN}`] : []),
      ...wrong.map(([what, came]) => `${service}: ${what} gets ${came} from the Kubernetes API`)
    ]
  }
}

/** True if an answer is a refusal: one of these statuses, or no connection if policies may block it. */
export const isRefusal = (came: number | string, statuses: number[], mayBeBlocked: boolean): boolean =>
  statuses.includes(Number(came)) || (mayBeBlocked && isBlocked(came))

/** Returns a finding if a pod of a service or store has a token without an audience, which is valid for the API server. */
function podWithToken({ pod, spec }: InstalledPod): string[] {
  const sources = spec.volumes?.flatMap(({ projected }) => projected?.sources ?? []) ?? []
  const tokens = sources.flatMap(({ serviceAccountToken }) => serviceAccountToken ?? [])
  return [
    ...(spec.automountServiceAccountToken === false ? [] : [`${pod} has a token for the Kubernetes API`]),
    ...tokens.filter(({ audience }) => !audience).map(() => `${pod} has a projected token without an audience`)
  ]
}
