import { neededServices } from '../../packages/cli/src/needs.ts'
import { isCutOff, isEnforced, storesReached } from './enforcement.ts'
import { type InstalledPod, installedPods, runInside } from './installed-pods.ts'
import type { Ground, Part } from './part.ts'

/** The status of an answer by who was asked, or why there was none. */
type Answers = Record<string, number | string>

/** No operation: a good token gets 404 there, and one that is not for this service 401. */
const NOWHERE = '/no-such-operation'
/** Where a pod would have a token for the Kubernetes API. */
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

/** A token is for one target, the others refuse it; and to the Kubernetes API no service is anybody. */
export const serviceTokens: Part = {
  name: 'separation of tokens',
  async run(ground) {
    const { cluster, stack, say } = ground
    const services = stack.services.map(({ name }) => name)
    // Only there may a connection that is not to be had count as a refusal; else a network that is down would pass for one.
    const enforced = isEnforced(await storesReached(ground))
    const callers = services.filter(name => name !== 'gateway' && neededServices(stack, name).length > 0)
    const tried = await Promise.all(callers.map(name => tokensOf(ground, name, services, enforced)))
    const asked = await Promise.all(services.map(name => kubernetesFor(ground, name, enforced)))
    const count = [...tried, ...asked].reduce((sum, { requests }) => sum + requests, 0)
    say(
      `    ${count} requests by the pods of ${services.length} services, policies are ${enforced ? '' : 'not '}enforced`
    )
    return [
      ...[...tried, ...asked].flatMap(({ findings }) => findings),
      ...(await installedPods(cluster)).flatMap(podWithToken)
    ]
  }
}

type Tried = { requests: number; findings: string[] }

async function tokensOf(
  { cluster, stack }: Ground,
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

async function kubernetesFor({ cluster, stack }: Ground, service: string, enforced: boolean): Promise<Tried> {
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

/** Whether an answer refuses: by one of these statuses, or, where policies may keep the two apart, by no connection. */
export const isRefusal = (came: number | string, statuses: number[], mayBeCutOff: boolean): boolean =>
  statuses.includes(Number(came)) || (mayBeCutOff && isCutOff(came))

/** Pods of services and stores alike. A token without an audience is one for the API server. */
function podWithToken({ pod, spec }: InstalledPod): string[] {
  const sources = spec.volumes?.flatMap(({ projected }) => projected?.sources ?? []) ?? []
  const tokens = sources.flatMap(({ serviceAccountToken }) => serviceAccountToken ?? [])
  return [
    ...(spec.automountServiceAccountToken === false ? [] : [`${pod} has a token for the Kubernetes API`]),
    ...tokens.filter(({ audience }) => !audience).map(() => `${pod} has a projected token without an audience`)
  ]
}
