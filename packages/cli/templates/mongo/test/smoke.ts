import { type Story, same } from '@bulkhead/testing/story'
import { creations } from '@bulkhead/testing/traffic'

const WIDGETS = '/api/v1/template/widgets'
// #if customer
const WRITER = 'customer'
// #else
// const WRITER = 'staff'
// #end

/** The steps of `make smoke`. */
export const story: Story = ({ ask }) => [
  [
    'creates a widget, shows it and removes it',
    async () => {
      const { body, etag } = await ask(201, 'POST', WIDGETS, { as: WRITER, body: { title: 'Smoke test' } })
      // #if public
      // same('the widget', body, (await ask(200, 'GET', `${WIDGETS}/${body.id}`)).body)
      // #else
      same('the widget', body, (await ask(200, 'GET', `${WIDGETS}/${body.id}`, { as: 'staff' })).body)
      // #end
      await ask(204, 'DELETE', `${WIDGETS}/${body.id}`, { as: WRITER, headers: { 'if-match': etag } })
    }
  ]
]

/** The load of `make test-cluster`. */
export const traffic = creations(WIDGETS, { title: 'Load' }, WRITER)
