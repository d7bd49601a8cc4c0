import type { Command } from '../command-line/command.ts'
import { type Removed, removeService } from '../generator/remove-service.ts'
import { table } from '../output/table.ts'
import { runFile } from '../runner/run.ts'
import { readRunRecord } from '../runner/run-record.ts'
import { keptStacks, type Stack } from '../services/stack.ts'

/** `bulkhead remove service NAME` */
export const removeServiceCommand: Command = {
  usage: 'remove service NAME [--force]',
  summary: 'remove a service and its chart, as `new service` made them',
  details: `--force   remove a service that was released or has uncommitted changes. Unchanged generated files need no --force

Removes services/NAME and charts/NAME, and updates skaffold.yaml, charts/platform and package-lock.json. Fails, also with --force, if another
service calls this one or handles its events. Keeps the data of the service on this machine, and prints its path.`,
  examples: [
    ['bulkhead remove service wishlist', 'undo `bulkhead new service wishlist`'],
    ['bulkhead remove service cart --force', 'a service that was released']
  ],
  options: { force: { type: 'boolean' } },
  async run({ stack, words: [name = ''], options }) {
    const removed = await removeService(stack, name, options.force === true)
    console.log(`Removed services/${name}, charts/${name} and its entry in package-lock.json
Updated: skaffold.yaml and charts/platform`)
    if (removed.mentions.length > 0) {
      console.log(`\nThese files still name it:\n${removed.mentions.map(file => `  ${file}`).join('\n')}`)
    }
    const steps = nextSteps(stack, name, removed)
    if (steps.length > 0) console.log(`\nNext:\n${table(steps)}`)
    return 0
  }
}

/** Returns the commands with which the user can remove the remaining traces of the service, each with its purpose. */
function nextSteps({ root, portBase }: Stack, name: string, { publishers, data }: Removed): string[][] {
  const running = keptStacks(root).filter(kept => readRunRecord(runFile(kept)) !== undefined)
  const inRunning = running.flatMap(kept => {
    const variable = kept.portBase === portBase ? '' : `PORT_BASE=${kept.portBase} `
    const forget = `  ${variable}node packages/cli/bin/bulkhead.js events forget`
    return [
      [`  ${variable}make status`, 'see that it has stopped'],
      ...publishers.map(publisher => [`${forget} ${publisher} ${name}`, `stop keeping ${publisher}'s events for it`])
    ]
  })
  return [...inRunning, ...data.map(place => [`  rm -r ${place}`, 'delete its data permanently'])]
}
