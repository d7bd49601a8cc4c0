import { bulkhead } from './bulkhead.ts'
import type { Part } from './part.ts'

/** The main job of every service, over TLS through the Gateway. */
export const smoke: Part = {
  name: 'smoke through the Gateway',
  async run(ground) {
    const { code, said } = await bulkhead(ground, ['smoke', '--cluster'])
    ground.say(`    ${said.trim().split('\n').at(-1)}`)
    const failed = said.split('\n').filter((line, place, lines) => /^✘/.test(line) || /^✘/.test(lines[place - 1] ?? ''))
    return code === 0 ? [] : [`bulkhead smoke exits with ${code}`, ...failed]
  }
}
