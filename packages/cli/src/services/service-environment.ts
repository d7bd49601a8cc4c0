import { join } from 'node:path'
import { eventLogUrl } from '../event-log/event-log.ts'
import { demoAccountsFile, developmentSecret, ISSUERS, jwksUrl, NAMESPACE } from '../tokens/development-keys.ts'
import { peopleIssuer, peopleJwks } from '../tokens/people.ts'
import { tokensFolder } from '../tokens/tokens.ts'
import { LARGE_BLOCK } from './memory-settings.ts'
import { neededServices } from './needs.ts'
import { localUrl, type Service, type Stack } from './stack.ts'

/** The file from which the gateway reads the address of each service. */
export const upstreamsFile = (stack: Stack) => join(stack.folder, 'upstreams.json')

/** Returns the content of that file: the address of every service except the gateway, by name. */
export const upstreams = (stack: Stack): Record<string, string> =>
  Object.fromEntries(
    stack.services.filter(({ name }) => name !== 'gateway').map(({ name, ports }) => [name, localUrl(ports.api)])
  )

/**
 * Returns the environment of a service's process: the runner's own environment, so that the user can set variables of services, overridden
 * by the variables that the runner sets. `storeUrl` is undefined for a service without a store.
 */
export function serviceEnvironment(stack: Stack, service: Service, storeUrl: string | undefined) {
  const { name, ports, store, secrets } = service
  const keys = join(stack.folder, 'keys')
  const targets = stack.services.filter(other => neededServices(stack, name).includes(other.name))
  return {
    LOG_LEVEL: 'info',
    DRAIN_SECONDS: '0',
    INSPECTION: '1',
    MALLOC_MMAP_THRESHOLD_: LARGE_BLOCK,
    ...process.env,
    HOST: '127.0.0.1',
    PORT: String(ports.api),
    OPS_PORT: String(ports.operations),
    MONGODB_URL: store === 'mongodb' ? storeUrl : undefined,
    REDIS_URL: store === 'redis' ? storeUrl : undefined,
    EVENT_LOG_URL: eventLogUrl(stack, name),
    // The gateway reads addresses from UPSTREAMS_FILE, which also gets those of services that join later.
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

/** Returns the environment variables with the addresses of services. */
export const serviceUrls = (services: Service[]): Record<string, string> =>
  Object.fromEntries(services.map(({ name, ports }) => [urlVariable(name), localUrl(ports.api)]))

const urlVariable = (target: string) => `${target.toUpperCase().replaceAll('-', '_')}_URL`
