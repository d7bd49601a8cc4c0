import type { Command } from '../command-line/command.ts'
import { down } from '../runner/down.ts'

/** `bulkhead down` */
export const downCommand: Command = {
  usage: 'down',
  summary: 'drain and stop everything; data is kept',
  examples: [
    ['bulkhead down', 'stop the stack that `bulkhead up` started'],
    ['PORT_BASE=8000 bulkhead down', 'stop the stack that was started with this PORT_BASE']
  ],
  async run({ stack }) {
    console.log(await down(stack))
    return 0
  }
}
