import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from './failure.ts'
import { generate } from './generate.ts'
import { newChart } from './new-chart.ts'
import { HIGHEST_OFFSET, type Stack } from './stack.ts'

/** The stores that a new service can have; each is a folder of packages/cli/templates. */
export const TEMPLATES = ['mongo', 'redis', 'none'] as const
export type Template = (typeof TEMPLATES)[number]

const TEMPLATES_FOLDER = join(import.meta.dirname, '../templates')
const LONGEST_NAME = 30
/** Names that something else has, beside workspaces: charts, users of the event log, an audience of tokens, the template itself. */
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
/** The runner and the charts name a service's store and its test so. */
const RESERVED_ENDS = /-(redis|mongod|store|test)$/

/**
 * Makes services/<name> from a template, on the lowest free port, and charts/<name>, with their generated files. Resolves with the paths of
 * their files, below the repository. Fails for a name that cannot be a service's; nothing is left behind then.
 */
export async function newService(stack: Stack, name: string, template: Template): Promise<string[]> {
  requireName(stack, name)
  const port = freeOffset(stack)
  const source = join(TEMPLATES_FOLDER, template)
  const target = join(stack.root, 'services', name)
  try {
    for (const file of globSync('**/*.*', { cwd: source })) {
      const text = readFileSync(join(source, file), 'utf8').replaceAll(/\btemplate\b/g, name)
      mkdirSync(dirname(join(target, file)), { recursive: true })
      writeFileSync(join(target, file), file === 'package.json' ? text.replace('"port": 0', `"port": ${port}`) : text)
    }
    newChart(stack.root, name)
    await generate(stack.root, [name])
    return globSync(`{services,charts}/${name}/**/*.*`, { cwd: stack.root }).sort()
  } catch (error) {
    for (const folder of ['services', 'charts'])
      rmSync(join(stack.root, folder, name), { recursive: true, force: true })
    throw error
  }
}

function requireName({ root }: Stack, name: string) {
  const example = 'Give one such as `bulkhead new service notes --store mongo`'
  const fail = (problem: string) => {
    throw new Failure(`"${name}" can not be a service's name: ${problem}`, example)
  }
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) fail('it must be lower-case words joined by hyphens')
  if (name.length > LONGEST_NAME) fail(`it has ${name.length} characters, and at most ${LONGEST_NAME} are allowed`)
  const isWorkspace = [name, `packages/${name}`].some(folder => existsSync(join(root, folder, 'package.json')))
  if (isWorkspace || RESERVED.includes(name) || RESERVED_ENDS.test(name)) fail('it is reserved')
  const taken = ['services', 'charts'].find(folder => existsSync(join(root, folder, name)))
  if (taken) throw new Failure(`${taken}/${name} is there already`, 'Choose another name')
}

function freeOffset({ services, portBase }: Stack): number {
  const taken = new Set(services.map(({ ports }) => ports.api - portBase))
  for (let offset = 1; offset <= HIGHEST_OFFSET; offset++) if (!taken.has(offset)) return offset
  throw new Failure(`all ${HIGHEST_OFFSET} ports of services are taken`)
}
