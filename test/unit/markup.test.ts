import { fromHtml } from 'hast-util-from-html'
import { toHtml } from 'hast-util-to-html'
import { renderMarkup } from '../../src/modules/markup/markup'
import { sanitize } from '../../src/modules/markup/sanitize'
import { ATTACKS } from '../support/attacks'

interface Node {
  type: string
  tagName?: string
  properties?: Record<string, unknown> & { href?: string }
  children?: Node[]
  value?: string
}

/** Every element of a page's part, as a browser reads it. */
const elementsOf = (html: string): Node[] => {
  const all = ({ children = [] }: Node): Node[] => children.flatMap((child) => [child, ...all(child)])
  return all(fromHtml(html, { fragment: true }))
}

const html = (source: string): string => renderMarkup(source).html.trim()

/** Said here once more, so that a line too many on the renderer's list is noticed. */
const MAY_STAND: Record<string, string[]> = {
  ...Object.fromEntries(
    'p br hr h1 h2 h3 h4 h5 h6 strong em s pre blockquote ul li table thead tbody tr'
      .split(' ')
      .map((name) => [name, []]),
  ),
  a: ['href', 'rel'],
  code: ['className'],
  ol: ['start'],
  span: ['className', 'dataUsername'],
  td: ['align'],
  th: ['align'],
}

/** What of it a browser might do something with. */
function dangersOf(html: string): string[] {
  return elementsOf(html).flatMap(({ type, tagName = '', properties = {} }) => {
    if (type === 'text') return []
    if (type !== 'element' || !(tagName in MAY_STAND)) return [`${type} ${tagName}`]
    const { href, rel } = properties
    const foreign = Object.keys(properties).filter((name) => !MAY_STAND[tagName]!.includes(name))
    const isLink = tagName !== 'a' || href === undefined || /^(?:https?:\/\/|mailto:)/i.test(href)
    const isFollowed = tagName === 'a' && String(rel) !== 'nofollow,ugc,noopener'
    return [...foreign, ...(isLink ? [] : [href]), ...(isFollowed ? ['rel'] : [])]
  })
}

describe('what attacks a reader', () => {
  test('is looked for with more than sixty vectors', () => {
    expect(new Set(ATTACKS).size).toBeGreaterThan(60)
    // The look-out sees what a browser would run.
    for (const attack of [
      '<img src=x onerror=alert(1)>',
      '<a href="javascript:alert(1)">x</a>',
      '<script>1</script>',
    ])
      expect(dangersOf(attack)).not.toEqual([])
  })

  test.each(ATTACKS)('%j comes out as text', (attack) => {
    for (const source of [
      attack,
      `a ${attack} b`,
      `> - ${attack}`,
      `[${attack}](${attack})`,
      `![${attack}](${attack} "${attack}")`,
      `|${attack}|\n|-|\n|${attack}|`,
      `\`\`\`${attack}\n${attack}\n\`\`\``,
      `@${attack}`,
      `[a]\n\n[a]: ${attack}`,
    ]) {
      const shown = html(source)
      expect(dangersOf(shown)).toEqual([])
      // Read and written again it is the same: no browser makes something else of it (mXSS).
      expect(toHtml(fromHtml(shown, { fragment: true }))).toBe(shown)
    }
  })

  test.each(ATTACKS)('%j is taken out by the sanitiser alone, too', (attack) => {
    const once = sanitize(attack)
    expect(dangersOf(once)).toEqual([])
    expect(sanitize(once)).toBe(once)
  })
})

describe('Markdown', () => {
  test.each([
    ['# One', '<h1>One</h1>'],
    ['Two\n---', '<h2>Two</h2>'],
    ['*a* **b** ~~c~~ `d`', '<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>'],
    ['a\nb', '<p>a<br>\nb</p>'],
    ['a\n\nb', '<p>a</p>\n<p>b</p>'],
    ['> a', '<blockquote>\n<p>a</p>\n</blockquote>'],
    ['- a\n- b', '<ul>\n<li>a</li>\n<li>b</li>\n</ul>'],
    ['3. a\n4. b', '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'],
    ['***', '<hr>'],
    ['```js\n1 < 2\n```', '<pre><code class="language-js">1 &#x3C; 2\n</code></pre>'],
    ['    indented', '<pre><code>indented\n</code></pre>'],
    ['\\*a\\*', '<p>*a*</p>'],
    ['&copy; &amp;', '<p>© &#x26;</p>'],
    ['<b>a</b>', '<p>&#x3C;b>a&#x3C;/b></p>'],
    ['', ''],
    [
      '|a|b|\n|-:|-|\n|1|2|',
      '<table>\n<thead>\n<tr>\n<th align="right">a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align="right">1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>',
    ],
  ])('%j is %j', (source, expected) => {
    expect(html(source)).toBe(expected)
  })

  const REL = 'rel="nofollow ugc noopener"'

  test.each([
    ['[a](https://b.example/c "title")', `<a href="https://b.example/c" ${REL}>a</a>`],
    ['[a](mailto:b@c.example)', `<a href="mailto:b@c.example" ${REL}>a</a>`],
    ['[a][1]\n\n[1]: http://b.example', `<a href="http://b.example" ${REL}>a</a>`],
    ['<https://b.example>', `<a href="https://b.example" ${REL}>https://b.example</a>`],
    ['see https://b.example/c.', `see <a href="https://b.example/c" ${REL}>https://b.example/c</a>.`],
    ['b.example and a@b.example', 'b.example and a@b.example'],
    ['[a](/admin) [b](//b.example) [c](#d)', '[a](/admin) [b](//b.example) [c](#d)'],
    [
      '[a](ftp://b.example) [b](tel:1) [c](data:text/html,x)',
      '[a](ftp://b.example) [b](tel:1) [c](data:text/html,x)',
    ],
  ])('the link %j is %j', (source, expected) => {
    expect(html(source)).toBe(`<p>${expected}</p>`)
  })

  test('an image is a link, so that nobody learns who reads', () => {
    expect(html('![A *cat*](https://b.example/cat.png)')).toBe(
      `<p><a href="https://b.example/cat.png" ${REL}>A cat</a></p>`,
    )
    expect(html('![](https://b.example/cat.png)')).toContain('>https://b.example/cat.png</a>')
    expect(html('[![A cat](https://b.example/cat.png)](https://c.example)')).toBe(
      `<p><a href="https://c.example" ${REL}>A cat</a></p>`,
    )
    expect(html('![a](data:image/png;base64,AAAA)')).toBe('<p>![a](data:image/png;base64,AAAA)</p>')
  })
})

describe('mentions', () => {
  const mentionsIn = (source: string) => renderMarkup(source).mentions

  test('are usernames after an @ that begins a word, each once', () => {
    expect(mentionsIn('@ada, (@Grace_H) and **@ada**!\n- @x9')).toEqual(['ada', 'grace_h', 'x9'])
    expect(html('Hi @Ada!')).toBe('<p>Hi <span class="mention" data-username="ada">@Ada</span>!</p>')
  })

  test.each([
    'me@example.com',
    'a.@ada and @@ada and _@ada',
    '@a and @ada_ and @ada@example.com',
    '@_ada',
    `@${'a'.repeat(31)}`,
    '\\@ada',
    '\\_@ada',
    '@adä',
    '`@ada` ``a @ada``',
    '```\n@ada\n```',
    '    @ada',
    '[@ada](https://b.example) <https://b.example/@ada> https://b.example/@ada',
  ])('%j mentions nobody', (source) => {
    expect(mentionsIn(source)).toEqual([])
    expect(html(source)).not.toContain('mention')
  })

  test('are twenty at most', () => {
    const names = Array.from({ length: 25 }, (_, index) => `person${index}`)
    const { mentions, html } = renderMarkup(names.map((name) => `@${name} @person0`).join(' '))
    expect(mentions).toEqual(names.slice(0, 20))
    expect(html.match(/data-username="\w+"/g)).toHaveLength(20 + 25)
  })
})

describe('the excerpt', () => {
  const excerpt = (source: string) => renderMarkup(source).excerpt

  test('is the beginning in plain words', () => {
    expect(
      excerpt(
        '# One\n\nTwo **three** `four`\nfive ![six](https://b.example) @seven\n\n- eight\n\n```\nnine\n```',
      ),
    ).toBe('One Two three four five six @seven eight nine')
    expect(excerpt('<b>a</b> &amp; \\*b\\*')).toBe('<b>a</b> & *b*')
    expect(excerpt('***')).toBe('')
  })

  test('has 200 characters at most, ends with a word where it can, and has no half characters', () => {
    expect(excerpt('a'.repeat(200))).toBe('a'.repeat(200))
    expect(excerpt('a'.repeat(201))).toBe(`${'a'.repeat(199)}…`)
    expect(excerpt('word '.repeat(100))).toBe(`${'word '.repeat(39)}word…`)
    expect(excerpt('💥'.repeat(300))).toBe(`${'💥'.repeat(199)}…`)
    for (let length = 150; length < 230; length++) {
      const text = excerpt(`${'a'.repeat(length)}${'💥'.repeat(200)}`)
      expect([...text]).toHaveLength(200)
      expect(text).not.toMatch(/\p{Cs}/u)
    }
  })
})

describe('the worst that can be written', () => {
  const full = (unit: string) => unit.repeat(Math.ceil(20_000 / unit.length)).slice(0, 20_000)
  const table = (columns: number) =>
    `|${'a|'.repeat(columns)}\n|${'-|'.repeat(columns)}\n`.padEnd(20_000, '|\n')

  test.each(
    [
      ...[
        '>',
        '> ',
        '- ',
        '1. ',
        '[',
        '[]',
        '[](',
        '![',
        '[a](<b',
        '[a]: ',
        '*',
        '*a_ ',
        '**a *b ',
        '_a',
        '~~a',
        '`',
        '<a',
      ],
      ...[
        '<!--',
        '&#',
        '@a',
        '@',
        'http://a',
        'https://a.b/(',
        'http://b.c/',
        'http://b.c/?',
        'a://b.c/',
        '//b.c/',
        'ftp://b.c/',
        'mailto:a@',
        '[a](https://b.c) ',
        'a\n',
        '~~~\n',
        '💥',
        '|',
      ],
      ...['\\', '\t', '"', '> - ', '- [ ] ', 'a\n-\n', '<https://a.b>', '&amp;', 'e\u0301'],
    ].map((unit) => [unit]),
  )('%j over and over is shown at once', (unit) => {
    isShownAtOnce(full(unit))
  })

  test.each([
    ['code in ever more quotes', Array.from({ length: 195 }, (_, index) => '`'.repeat(index)).join(' ')],
    [
      'lists that go ever deeper',
      Array.from({ length: 190 }, (_, index) => `${' '.repeat(index)}- a`).join('\n'),
    ],
    ['one address many times', `[a]: https://b.c/${'d'.repeat(1_900)}\n\n${'[a]'.repeat(6_000)}`],
    ['a wide table', table(3_000)],
    ['a table of nothing', table(500)],
  ])('%s is shown at once', (_what, source) => {
    isShownAtOnce(source)
  })

  function isShownAtOnce(source: string) {
    const start = performance.now()
    const shown = html(source)
    // Seconds, where it took the square of the length.
    expect(performance.now() - start).toBeLessThan(3_000)
    expect(shown.length).toBeLessThan(250_000)
    expect(dangersOf(shown)).toEqual([])
  }
})
