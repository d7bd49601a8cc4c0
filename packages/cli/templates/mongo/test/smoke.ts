import { type Answered, type Story, same } from '@bulkhead/testing/story'

const ITEMS = '/api/v1/template/items'

/** The life of an item: made and changed by staff, read by anyone, removed. */
export const story: Story = ({ ask }) => {
  let item: Answered
  const asStaff = () => ({ as: 'staff', headers: { 'if-match': item.etag } }) as const
  return [
    [
      'keeps an item of staff, for anyone to read',
      async () => {
        item = await ask(201, 'POST', ITEMS, { as: 'staff', body: { title: 'Smoke test' } })
        const { body } = await ask(200, 'GET', `${ITEMS}/${item.body.id}`)
        same('the item', item.body, body)
      }
    ],
    [
      'changes it',
      async () => {
        item = await ask(200, 'PATCH', `${ITEMS}/${item.body.id}`, { ...asStaff(), body: { note: 'Seen' } })
        same('the note', 'Seen', item.body.note)
      }
    ],
    [
      'removes it',
      async () => {
        await ask(204, 'DELETE', `${ITEMS}/${item.body.id}`, asStaff())
        await ask(404, 'GET', `${ITEMS}/${item.body.id}`)
      }
    ]
  ]
}
