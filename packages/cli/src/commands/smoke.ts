import { deployedStack } from '../cluster/deployed-stack.ts'
import { connectCluster } from '../cluster/kubectl.ts'
import { openClusterShop } from '../cluster/shop.ts'
import type { Command } from '../command-line/command.ts'
import { runFile } from '../runner/run.ts'
import { membersOf, readRunRecord } from '../runner/run-record.ts'
import { localShop } from '../services/shop.ts'
import type { Stack } from '../services/stack.ts'
import { askGateway, requireAnswer } from '../smoke/ask.ts'
import { runStories, type StepResult } from '../smoke/run.ts'
import { storiesOf } from '../smoke/stories.ts'

const IS_UP = 'Is the stack up? make status'
const MARKS = { passed: '✔', failed: '✘', skipped: '-' }

/** `bulkhead smoke` */
export const smokeCommand: Command = {
  usage: 'smoke [--cluster] [--namespace NAME] [--json]',
  summary: 'try the main task of each running service through the gateway',
  details: `--cluster          try an installation in a cluster, not the stack on this machine
--namespace NAME   the namespace of that installation (default: bulkhead)
--json             print the steps as JSON

The steps of a service are in services/NAME/test/smoke.ts. Services without this file are listed. Exits with 1 if a step fails, and prints the
expected and the actual value. Removes or archives the data that it creates, if the service can do that; orders, payments and stock stay.`,
  examples: [
    ['bulkhead up --detach && bulkhead smoke', 'start the stack and try it'],
    ['PORT_BASE=8000 bulkhead smoke', 'try the stack on other ports'],
    ['bulkhead smoke --cluster', 'try the installation of `bulkhead deploy`']
  ],
  options: {
    cluster: { type: 'boolean' },
    namespace: { type: 'string', default: 'bulkhead' },
    json: { type: 'boolean' }
  },
  async run({ stack, options, environment }) {
    const say = (line: string) => {
      if (!options.json) console.log(line)
    }
    const tried = options.cluster
      ? await deployedServices(stack, environment, String(options.namespace))
      : await runningServices(stack)
    const { stories, withoutStory } = await storiesOf(tried.stack, tried.ask)
    const names = tried.stack.services.map(({ name }) => name)
    const notStarted = options.cluster
      ? []
      : stack.services.map(({ name }) => name).filter(name => !names.includes(name))
    const steps = await runStories(stories, result => say(lineOf(result)))
    const without = (name: string, why: string) => say(`${MARKS.skipped} ${''.padStart(8)}  ${name} (${why})`)
    for (const name of withoutStory) without(name, 'it has no test/smoke.ts')
    for (const name of notStarted) without(name, `not part of this stack: make up SERVICES=${name}`)
    const count = (wanted: StepResult['result']) => steps.filter(({ result }) => result === wanted).length
    const passed = count('passed') === steps.length
    say(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`)
    if (options.json) console.log(JSON.stringify({ passed, steps, noStory: withoutStory, notStarted }, undefined, 2))
    return passed ? 0 : 1
  }
}

async function runningServices(stack: Stack) {
  const shop = localShop(stack)
  await requireAnswer(shop, IS_UP)
  // Includes services that were started and then died, so that their stories fail.
  const services = membersOf(stack, readRunRecord(runFile(stack)))
  return { stack: { ...stack, services }, ask: askGateway(shop, IS_UP) }
}

async function deployedServices(stack: Stack, environment: NodeJS.ProcessEnv, namespace: string) {
  const cluster = await connectCluster(stack.root, environment, namespace)
  const shop = await openClusterShop(cluster)
  const ask = askGateway(shop, `Do its pods run? kubectl get pods --namespace ${namespace}`)
  return { stack: await deployedStack(stack, cluster), ask }
}

const lineOf = ({ story, step, result, milliseconds, problem }: StepResult) =>
  `${MARKS[result]} ${`${milliseconds} ms`.padStart(8)}  ${story} ${step}${problem ? `\n    ${problem}` : ''}`
