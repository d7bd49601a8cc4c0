import { type Answered, type Story, same } from '@bulkhead/testing/story'

const ITEMS = '/api/v1/template/items'

/** The life of an item: staff create, change and remove it, and anyone may read it. */
export const story: Story = ({ ask }) => {
  let item: Answered
  const asStaff = () => ({ as: 'staff', headers: { 'if-match': item.etag } }) as const
  return [
    [
      'creates an item, which anyone may read',
      async () => {
        item = await ask(201, 'POST', ITEMS, { as: 'staff', body: { title: 'Smoke test' } })
        const { body } = await ask(200, 'GET', `${ITEMS}/${item.body.id}`)
        same('the item', item.body, body)
      }
    ],
    [
      'changes the item',
      async () => {
        item = await ask(200, 'PATCH', `${ITEMS}/${item.body.id}`, { ...asStaff(), body: { note: 'Seen' } })
        same('the note', 'Seen', item.body.note)
      }
    ],
    [
      'removes the item',
      async () => {
        await ask(204, 'DELETE', `${ITEMS}/${item.body.id}`, asStaff())
        await ask(404, 'GET', `${ITEMS}/${item.body.id}`)
      }
    ]
  ]
}
