import { any, type OpenTraffic } from '@bulkhead/testing/traffic'

const ITEMS = '/api/v1/template/items'
const newItem = { title: 'Load' }

/** Creates and reads items. */
export const traffic: OpenTraffic = async ({ ask, tokens: { staff } }) => {
  const created = [(await ask(201, 'POST', ITEMS, { as: 'staff', body: newItem })).body.id as string]
  return {
    read: () => ({ method: 'GET', path: `${ITEMS}/${any(created)}`, expected: [200] }),
    write: () => ({
      method: 'POST',
      path: ITEMS,
      token: staff,
      body: newItem,
      expected: [201],
      answered: ({ id }) => created.push(id)
    }),
    async check() {
      const findings: string[] = []
      for (const id of created) await ask(200, 'GET', `${ITEMS}/${id}`).catch(error => findings.push(error.message))
      return findings
    }
  }
}
