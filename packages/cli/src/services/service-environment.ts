import { join } from 'node:path'
import { eventLogUrl } from '../event-log/event-log.ts'
import { demoAccountsFile, developmentSecret, ISSUERS, jwksUrl, NAMESPACE } from '../tokens/development-keys.ts'
import { peopleIssuer, peopleJwks } from '../tokens/people.ts'
import { tokensFolder } from '../tokens/tokens.ts'
import { LARGE_BLOCK } from './memory-settings.ts'
import { neededServices } from './needs.ts'
import { localUrl, type Service, type Stack } from './stack.ts'

/** The file that tells the gateway where each service is. */
export const upstreamsFile = (stack: Stack) => join(stack.folder, 'upstreams.json')

/** What that file holds: every service but the gateway, by name, with its address. */
export const upstreams = (stack: Stack): Record<string, string> =>
  Object.fromEntries(
    stack.services.filter(({ name }) => name !== 'gateway').map(({ name, ports }) => [name, localUrl(ports.api)])
  )

/**
 * The environment of a service's process: the runner's own, so that what a service may be told goes through, with what the runner
 * decides on top. `storeUrl` is undefined for a service without a store.
 */
export function serviceEnvironment(stack: Stack, service: Service, storeUrl: string | undefined) {
  const { name, ports, store, secrets } = service
  const keys = join(stack.folder, 'keys')
  const targets = stack.services.filter(other => neededServices(stack, name).includes(other.name))
  return {
    LOG_LEVEL: 'info',
    DRAIN_SECONDS: '0',
    MALLOC_MMAP_THRESHOLD_: LARGE_BLOCK,
    ...process.env,
    HOST: '127.0.0.1',
    PORT: String(ports.api),
    OPS_PORT: String(ports.operations),
    MONGODB_URL: store === 'mongodb' ? storeUrl : undefined,
    REDIS_URL: store === 'redis' ? storeUrl : undefined,
    EVENT_LOG_URL: eventLogUrl(stack, name),
    // The gateway reads them from UPSTREAMS_FILE, also those of services that join later.
    ...(name === 'gateway' ? {} : serviceUrls(targets)),
    SERVICE_TOKENS_DIR: tokensFolder(stack, name),
    PEOPLE_ISSUER: ISSUERS.people,
    PEOPLE_JWKS: peopleJwks(stack),
    BOOTSTRAP_ACCOUNTS_FILE: peopleIssuer(stack)?.name === name ? demoAccountsFile(keys) : undefined,
    SERVICES_ISSUER: ISSUERS.services,
    SERVICES_NAMESPACE: NAMESPACE,
    SERVICES_JWKS: jwksUrl(keys, 'services'),
    ...Object.fromEntries(secrets.map(secret => [secret, process.env[secret] ?? developmentSecret(keys, secret)])),
    UPSTREAMS_FILE: name === 'gateway' ? upstreamsFile(stack) : undefined
  }
}

/** The variables that tell where services are. */
export const serviceUrls = (services: Service[]): Record<string, string> =>
  Object.fromEntries(services.map(({ name, ports }) => [urlVariable(name), localUrl(ports.api)]))

const urlVariable = (target: string) => `${target.toUpperCase().replaceAll('-', '_')}_URL`
