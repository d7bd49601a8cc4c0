import { bulkhead } from '../installation/bulkhead.ts'
import type { Part } from '../part.ts'

/** Checks the main job of every service, over TLS through the Gateway. */
export const smoke: Part = {
  name: 'smoke through the Gateway',
  async run(installation) {
    const { code, output } = await bulkhead(installation, ['smoke', '--cluster'])
    installation.say(`    ${output.trim().split('\n').at(-1)}`)
    const failed = output
      .split('\n')
      .filter((line, place, lines) => /^✘/.test(line) || /^✘/.test(lines[place - 1] ?? ''))
    return code === 0 ? [] : [`bulkhead smoke exits with ${code}`, ...failed]
  }
}
