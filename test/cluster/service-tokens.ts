import { neededServices } from '../../packages/cli/src/needs.ts'
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
answers[given.usual] = await readFile(given.usual).then(() => 'is there', () => 'is not there')
for (const path of given.paths) {
  answers['nobody ' + path] = await askKubernetes(path)
  for (const target of given.targets)
    answers[target + ' ' + path] = await askKubernetes(path, 'Bearer ' + (await token(target)))
}
console.log(JSON.stringify(answers))
`

/** A token is for one target, the others refuse it; and to the Kubernetes API no service is anybody. */
export const serviceTokens: Part = {
  name: 'separation of tokens',
  async run(ground) {
    const { cluster, stack, say } = ground
    const services = stack.services.map(({ name }) => name)
    const callers = services.filter(name => name !== 'gateway' && neededServices(stack, name).length > 0)
    const tried = await Promise.all(callers.map(name => tokensOf(ground, name, services)))
    const asked = await Promise.all(services.map(name => kubernetesFor(ground, name)))
    say(`    ${tried.flat().length + asked.flat().length} requests by the pods of ${services.length} services`)
    return [
      ...tried.flat().filter(Boolean),
      ...asked.flat().filter(Boolean),
      ...(await installedPods(cluster)).flatMap(podWithToken)
    ]
  }
}

/** What is wrong with each answer; nothing where it is as it should be. */
async function tokensOf({ cluster, stack }: Ground, caller: string, services: string[]): Promise<string[]> {
  const targets = neededServices(stack, caller)
  const given = { targets, services, path: NOWHERE }
  const answers = await runInside<Answers>(cluster, caller, given, CALLEES)
  return Object.entries(answers).map(([which, came]) => {
    const [target, callee] = which.split(' ')
    // Where policies are enforced there is no way to who is no target.
    const isRight = target === callee ? came === 404 : came === 401 || typeof came === 'string'
    return isRight ? '' : `the token of ${caller} for ${target} gets ${came} from ${callee}`
  })
}

async function kubernetesFor({ cluster, stack }: Ground, service: string): Promise<string[]> {
  const targets = service === 'gateway' ? [] : neededServices(stack, service)
  const paths = ['secrets', 'pods', 'configmaps'].map(kind => `/api/v1/namespaces/${cluster.namespace}/${kind}`)
  const given = { targets, paths, usual: USUAL_TOKEN }
  const answers = await runInside<Answers>(cluster, service, given, KUBERNETES)
  return Object.entries(answers).map(([what, came]) => {
    const isRight = came === 401 || came === 403 || (typeof came === 'string' && came !== 'is there')
    return isRight
      ? ''
      : `${service}: ${what} ${typeof came === 'number' ? `gets ${came} from the Kubernetes API` : came}`
  })
}

/** Pods of services and stores alike. A token without an audience is one for the API server. */
function podWithToken({ pod, spec }: InstalledPod): string[] {
  const sources = spec.volumes?.flatMap(({ projected }) => projected?.sources ?? []) ?? []
  const tokens = sources.flatMap(({ serviceAccountToken }) => serviceAccountToken ?? [])
  return [
    ...(spec.automountServiceAccountToken === false ? [] : [`${pod} has a token for the Kubernetes API`]),
    ...tokens.filter(({ audience }) => !audience).map(() => `${pod} has a projected token without an audience`)
  ]
}
