import { relative } from 'node:path'
import type { Command } from '../command-line/command.ts'
import { observe } from '../observe/observe.ts'
import { observerOf, observerPorts, RULES_FOLDER } from '../observe/observer.ts'
import { ruleFiles } from '../observe/rules.ts'
import { handleInterrupts } from '../processes/interrupts.ts'
import { detach } from '../runner/detach.ts'
import { isRunning } from '../runner/run.ts'
import { localUrl, type Stack } from '../services/stack.ts'

/** `bulkhead observe` */
export const observeCommand: Command = {
  usage: 'observe [--detach]',
  summary: "start Prometheus, Alertmanager and the operator's view beside the running stack",
  details: `--detach   return when everything is ready; it keeps running until \`bulkhead down\` (its console: .data/observe/observe.log)

Prometheus scrapes every service of the running stack every 5 seconds, and follows services that join and leave. It loads the rules of
${RULES_FOLDER} again when they change. It keeps metrics for 3 days, and at most 512 MB of them. Alertmanager sends nothing: the operator's
view shows the alerts. All three listen only on 127.0.0.1. Their data is in .data/observe, and \`bulkhead reset\` deletes it.

PORT_BASE   the first port of the stack (default: 4000). Prometheus has the port PORT_BASE+290, Alertmanager +291, the view +292
Ctrl-C stops the three, and the stack keeps running. \`bulkhead down\` stops all.`,
  examples: [
    ['bulkhead up --detach && bulkhead observe', 'start the stack, and watch it until Ctrl-C'],
    ['bulkhead observe --detach', 'watch it in the background']
  ],
  options: { detach: { type: 'boolean' } },
  async run({ stack, options }) {
    const observer = observerOf(stack)
    if (isRunning(observer)) {
      console.log(`It already runs. Stop it with the stack: make down\n${addresses(stack)}`)
      return 0
    }
    if (options.detach) return detach(observer, 'observe', [])
    const { stop, kill } = handleInterrupts()
    console.log('Starting Prometheus, Alertmanager and the view')
    await observe(stack, {
      say: line => console.log(line),
      ready: services => console.log(summary(stack, services, performance.now() / 1_000)),
      stop,
      kill
    })
    return 0
  }
}

const addresses = (stack: Stack): string => {
  const { view, prometheus, alertmanager } = observerPorts(stack)
  return `  operator's view  ${localUrl(view)}/
  Prometheus       ${localUrl(prometheus)}/
  Alertmanager     ${localUrl(alertmanager)}/`
}

function summary(stack: Stack, services: string[], seconds: number): string {
  const files = ruleFiles(stack).map(file => relative(RULES_FOLDER, file))
  const rules =
    files.length > 0 ? `Rules: ${files.join(', ')}` : `There are no alerts, because ${RULES_FOLDER} has no rules`
  return `
Ready after ${seconds.toFixed(1)} s
${addresses(stack)}

Scraped every 5 s: ${services.join(', ')}
${rules}`
}
