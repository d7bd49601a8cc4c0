import type { Command } from '../command-line/command.ts'
import { down } from '../runner/down.ts'
import { reset } from '../runner/reset.ts'

/** `bulkhead reset` */
export const resetCommand: Command = {
  usage: 'reset [--force]',
  summary: 'delete all data, keys, bundles and logs of a stopped stack',
  details: '--force   stop the stack first if it runs',
  examples: [['bulkhead reset', 'the next `bulkhead up` starts with empty stores']],
  options: { force: { type: 'boolean' } },
  async run({ stack, options }) {
    if (options.force) await down(stack)
    const hadAny = await reset(stack)
    console.log(hadAny ? `Deleted the stack in ${stack.folder}` : `There is nothing to delete in ${stack.folder}`)
    return 0
  }
}
