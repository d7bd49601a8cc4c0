type Page<Item> = { body: { items: Item[]; nextCursor?: string } }

/** Reads all items of a list, page by page. `get` requests a page; its argument is '' or `&cursor=<cursor>`. Rejects after 1,000 pages. */
export async function allItems<Item>(get: (cursor: string) => PromiseLike<Page<Item>>): Promise<Item[]> {
  const items: Item[] = []
  let cursor = ''
  for (let pages = 0; pages < 1000; pages++) {
    const { body } = await get(cursor)
    items.push(...body.items)
    if (body.nextCursor === undefined) return items
    cursor = `&cursor=${body.nextCursor}`
  }
  throw new Error('The list does not end')
}
