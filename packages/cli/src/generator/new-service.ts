import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { generate } from '../bundling/generate.ts'
import { Failure } from '../failure.ts'
import { HIGHEST_OFFSET, isBadPort, type Stack, USUAL_PORT_BASE } from '../services/stack.ts'
import { rememberMade } from './made-services.ts'
import { newChart } from './new-chart.ts'
import { type Noun, requireFreeNames, withNoun } from './noun.ts'
import { type Owner, withParts } from './optional-parts.ts'
import { installWorkspace } from './workspace-install.ts'

/** The stores that a new service can have; each is a folder of packages/cli/templates. */
export const TEMPLATES = ['mongo', 'redis', 'none'] as const
type Template = (typeof TEMPLATES)[number]

/** The properties of a new service. */
export type Plan = { name: string; template: Template; noun: Noun; owner: Owner }

const TEMPLATES_FOLDER = join(import.meta.dirname, '../../templates')
/** Files of a template that are only for services whose items belong to customers. */
const CUSTOMER_FILES = ['src/clients.ts']
const LONGEST_NAME = 30
/** Names in use, in addition to those of workspaces: charts, users of the event log, an audience of tokens, the template itself. */
const RESERVED = [
  'bulkhead',
  'common',
  'default',
  'embedded-mongo',
  'event-log',
  'platform',
  'runner',
  'services-jwks',
  'store-mongodb',
  'store-redis',
  'template'
]
/** Endings that the runner and the charts use in the names of a service's store and test. */
const RESERVED_ENDS = /-(redis|mongod|store|test)$/

/**
 * Makes services/<name> from a template, on the lowest free port, and charts/<name>, with their generated files and a dashboard. Resolves
 * with the paths of all new files, relative to the repository. Fails for an invalid name or noun, and then removes both folders again.
 */
export async function newService(stack: Stack, { name, template, noun, owner }: Plan): Promise<string[]> {
  requireName(stack, name)
  const port = freeOffset(stack)
  const files = textsOf({ name, template, noun, owner })
  const target = join(stack.root, 'services', name)
  try {
    for (const [file, text] of files) {
      mkdirSync(dirname(join(target, file)), { recursive: true })
      writeFileSync(join(target, file), file === 'package.json' ? text.replace('"port": 0', `"port": ${port}`) : text)
    }
    await format(stack.root, name)
    newChart(stack.root, name)
    await generate(stack.root, [name])
    installWorkspace(stack.root, name)
    rememberMade(stack.root, name)
    const made = [`{services,charts}/${name}/**/*.*`, `k8s/monitoring/dashboards/service-${name}.json`]
    return globSync(made, { cwd: stack.root }).sort()
  } catch (error) {
    for (const folder of ['services', 'charts'])
      rmSync(join(stack.root, folder, name), { recursive: true, force: true })
    throw error
  }
}

/** Stands for the service's name until the noun is inserted, because the name or the noun may contain the other's placeholder. */
const NAME = '\0'

/** Returns the texts of a service's files by path, with its name and noun, and only with the parts for its owner. */
function textsOf({ name, template, noun, owner }: Plan): Map<string, string> {
  const source = join(TEMPLATES_FOLDER, template)
  const files = globSync('**/*.*', { cwd: source }).filter(
    file => owner === 'customer' || !CUSTOMER_FILES.includes(file)
  )
  return new Map(
    files.map(file => {
      const text = withParts(readFileSync(join(source, file), 'utf8'), owner)
      if (file.endsWith('.ts')) requireFreeNames(text, noun)
      const written = withNoun(file, text.replaceAll(/\btemplate\b/g, NAME), noun).replaceAll(NAME, name)
      return [withNoun('', file, noun), written]
    })
  )
}

/** Formats a service's files again, because its noun changes the lengths of lines and the order of imports. */
async function format(root: string, name: string) {
  const biome = join(root, 'node_modules/.bin/biome')
  await promisify(execFile)(biome, ['check', '--write', '--linter-enabled=false', join('services', name)], {
    cwd: root
  }).catch(cause => {
    throw new Failure(`services/${name} cannot be formatted`, String(cause.stderr || cause.message), { cause })
  })
}
function requireName({ root }: Stack, name: string) {
  const example = 'Example: bulkhead new service notes --store mongo'
  const fail = (problem: string) => {
    throw new Failure(`"${name}" cannot be a service's name: ${problem}`, example)
  }
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) fail('it must be lower-case words joined by hyphens')
  if (name.length > LONGEST_NAME) fail(`it has ${name.length} characters, and at most ${LONGEST_NAME} are allowed`)
  const isWorkspace = [name, `packages/${name}`].some(folder => existsSync(join(root, folder, 'package.json')))
  if (isWorkspace || RESERVED.includes(name) || RESERVED_ENDS.test(name)) fail('it is reserved')
  const taken = ['services', 'charts'].find(folder => existsSync(join(root, folder, name)))
  if (taken) throw new Failure(`${taken}/${name} already exists`, 'Choose a different name')
}

function freeOffset({ services, portBase }: Stack): number {
  const taken = new Set(services.map(({ ports }) => ports.api - portBase))
  const isBad = (offset: number) => isBadPort(USUAL_PORT_BASE + offset) || isBadPort(USUAL_PORT_BASE + 100 + offset)
  for (let offset = 1; offset <= HIGHEST_OFFSET; offset++) if (!taken.has(offset) && !isBad(offset)) return offset
  throw new Failure(`all ${HIGHEST_OFFSET} ports of services are taken`)
}
