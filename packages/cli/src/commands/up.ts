import { join, relative } from 'node:path'
import { importSample } from '../catalogue/sample.ts'
import type { Command } from '../command-line/command.ts'
import { parseRate } from '../command-line/number.ts'
import { progressBar } from '../output/progress-bar.ts'
import { handleInterrupts } from '../processes/interrupts.ts'
import { addServices } from '../runner/add-services.ts'
import { detach } from '../runner/detach.ts'
import { isRunning } from '../runner/run.ts'
import { describeSelection, parseServices, selectServices } from '../runner/selection.ts'
import { up } from '../runner/up.ts'
import { localShop } from '../services/shop.ts'
import { localUrl, type Stack } from '../services/stack.ts'
import { demoAccounts } from '../tokens/development-keys.ts'
import { peopleIssuer } from '../tokens/people.ts'
import { demoToken, demoTokenFile } from '../tokens/tokens.ts'

/** `bulkhead up` */
export const upCommand: Command = {
  usage: 'up [--services NAMES] [--detach] [--load [RATE]] [--logs]',
  summary: 'start every service and its store, and restart services that change',
  details: `--services NAMES   start only these services, such as catalog,cart, the services that they need by their contracts, the gateway, and
                   the stores of all of them. If the stack already runs, add them to it
--detach           return when everything is ready; the stack keeps running (its console: .data/up.log; that of the previous run:
                   .data/up.log.1; with a PORT_BASE: in .data/PORT_BASE)
--load [RATE]      also play this number of shoppers a second beside the stack, like \`bulkhead load\` (default: 1; its log: .data/logs/load.log)
--logs             show all log lines of services, not only warnings and errors (.data/logs/ has all of them)

MONGODB_URL, REDIS_URL   your own servers, to use instead of private ones
PORT_BASE                the first port (default: 4000); each PORT_BASE is a separate stack with its own data
Ctrl-C drains and stops everything; a second Ctrl-C kills everything. Data stays until \`bulkhead reset\`.`,
  examples: [
    ['bulkhead up', 'run the stack in this terminal'],
    ['bulkhead up --detach', 'run it in the background'],
    ['bulkhead up --detach --load 2', 'with two shoppers a second'],
    ['bulkhead up --services catalog,cart', 'run a part of it; run this again with other names to add them'],
    ['PORT_BASE=8000 bulkhead up', 'run a second stack beside the first'],
    ['MONGODB_URL=mongodb://127.0.0.1:27017 bulkhead up', 'keep data in your own MongoDB']
  ],
  options: {
    services: { type: 'string' },
    detach: { type: 'boolean' },
    load: { type: 'string' },
    logs: { type: 'boolean' }
  },
  valuesWhenOmitted: { load: '1' },
  async run({ stack, options, environment }) {
    const names = options.services === undefined ? undefined : parseServices(stack, String(options.services))
    const loadRate = parseRate(options.load)
    if (names && isRunning(stack)) return addServices(stack, names)
    if (options.detach) {
      const services = names ? ['--services', names.join(',')] : []
      const load = loadRate === undefined ? [] : ['--load', String(loadRate)]
      return detach(stack, 'up', [...services, ...load, ...(options.logs ? ['--logs'] : [])])
    }
    const { stop, kill } = handleInterrupts()
    const selection = selectServices(stack, names)
    const selected = selection.stack
    if (names) console.log(`Starting ${describeSelection(selection)}`)
    await up(selected, {
      names,
      userServers: { mongodb: environment.MONGODB_URL, redis: environment.REDIS_URL },
      loadRate,
      allLogs: options.logs === true,
      say: line => console.log(line),
      async ready() {
        const seconds = performance.now() / 1_000
        await sample(selected)
        console.log(summary(selected, seconds))
      },
      async joined(current, added) {
        if (added.includes('catalog')) await sample(current)
        console.log(`${added.join(', ')} joined the stack`)
      },
      stop,
      kill
    })
    return 0
  }
}

/** Imports the sample catalogue, and prints the result. A failure is only printed, because the stack works without the sample. */
async function sample(stack: Stack) {
  if (!stack.services.some(({ name }) => name === 'catalog'))
    return console.log('No sample catalogue: catalog is left out')
  const bar = progressBar(process.stdout)
  const imported = await importSample(stack.root, localShop(stack), bar.show)
    .catch(error => `The sample catalogue is not imported: ${(error as Error).message}`)
    .finally(bar.clear)
  if (imported) console.log(imported)
}

/** Returns the text that is printed when the stack is ready: addresses, demo people and examples. */
function summary(stack: Stack, seconds: number): string {
  const tokens = shortest(join(demoTokenFile(stack, 'customer'), '..'))
  const gateway = stack.services.find(({ name }) => name === 'gateway')
  const width = Math.max(...stack.services.map(({ name }) => name.length))
  return `
Ready after ${seconds.toFixed(1)} s
${stack.services.map(({ name, ports }) => `  ${name.padEnd(width)}  ${localUrl(ports.api)}  management ${localUrl(ports.operations)}`).join('\n')}

${demoPeople(stack, tokens)}
${gateway ? `API reference:\n  ${localUrl(gateway.ports.api)}/\n${example(stack, `${localUrl(gateway.ports.api)}/api/v1`, tokens)}` : ''}
To watch it: make observe. To stop it: make down`
}

const example = ({ services }: Stack, api: string, tokens: string) =>
  services.some(({ name }) => name === 'catalog')
    ? `Try it:\n  curl -H "Authorization: Bearer $(cat ${tokens}/customer)" ${api}/catalog/products\n`
    : ''

/** Describes the demo people: email addresses and passwords if a service keeps accounts, else tokens. */
function demoPeople(stack: Stack, tokens: string): string {
  if (!peopleIssuer(stack)) {
    return `Demo tokens, valid for 24 hours (${tokens}/ always has new ones):
  customer  ${demoToken(stack, 'customer')}
  staff     ${demoToken(stack, 'staff')}`
  }
  const { customer, staff } = demoAccounts(join(stack.folder, 'keys'))
  return `Demo accounts (${tokens}/ always has valid tokens of them):
  customer  ${customer.email}  ${customer.password}
  staff     ${staff.email}     ${staff.password}`
}

/** Returns a path relative to the current folder if it is below that folder, else unchanged. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere.startsWith('..') ? path : fromHere
}
