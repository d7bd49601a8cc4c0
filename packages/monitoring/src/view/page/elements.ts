type Attributes = Record<string, string>

/** Returns the element of the page with this ID. Fails if the page has none. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`The page has no element ${id}`)
  return found
}

/** Returns the first element below `parent` that matches. Fails if there is none. */
export function within(parent: Element, selector: string): HTMLElement {
  const found = parent.querySelector<HTMLElement>(selector)
  if (!found) throw new Error(`The page has no ${selector}`)
  return found
}

/** Makes an element with attributes and children. */
export function make(name: string, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value)
  element.append(...children)
  return element
}

/** Makes an SVG element with attributes and children. */
export function makeSvg(name: string, attributes: Attributes = {}, ...children: Node[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value)
  element.append(...children)
  return element
}

/** Sets a text only if it changes, so that screen readers do not read it again. */
export function setText(element: Element, text: string) {
  if (element.textContent !== text) element.textContent = text
}

/** How to show a list of items as children of an element. */
export type Children<T> = {
  keyOf: (item: T) => string
  create: (item: T) => HTMLElement
  update: (element: HTMLElement, item: T) => void
}

/** Shows items as children of an element. Keeps the elements of items that stay, and so the focus and the place of the scroll bar. */
export function showChildren<T>(parent: Element, items: T[], { keyOf, create, update }: Children<T>) {
  const before = new Map([...parent.children].map(child => [(child as HTMLElement).dataset.key, child as HTMLElement]))
  const after = items.map(item => {
    const key = keyOf(item)
    const element = before.get(key) ?? create(item)
    element.dataset.key = key
    update(element, item)
    return element
  })
  const isSame =
    after.length === parent.children.length && after.every((child, place) => child === parent.children[place])
  if (!isSame) parent.replaceChildren(...after)
}
