// `npm run new:module -- support-ticket [--plural support-tickets]`
// Copies the living example, modules/post with its test, under a new name. The example is real code that runs and is
// tested every day, so unlike a template it cannot rot.
const fs = require('node:fs')
const path = require('node:path')

const EXAMPLE = 'post'

function main(root, args) {
  const at = args.indexOf('--plural')
  const plural = at < 0 ? undefined : args[at + 1]
  const [name, ...rest] = args.filter((_, index) => at < 0 || (index !== at && index !== at + 1))
  const names = namesOf(name, plural)
  const sources = filesToCopy(root)
  const problem =
    problemWith(root, name, names, rest) ?? (sources.length === 0 ? 'src/modules/post is missing.' : null)
  if (problem) {
    console.error(
      `${problem}\n\nUsage: npm run new:module -- <kebab-case-name> [--plural <kebab-case-names>]`,
    )
    return 1
  }

  for (const source of sources) {
    const target = source
      .replaceAll('\\', '/')
      .replace(/(?<![a-z])post(s?)(?![a-z])/g, (_, s) => (s ? names.plural : names.one).kebab)
    fs.mkdirSync(path.dirname(path.join(root, target)), { recursive: true })
    fs.writeFileSync(
      path.join(root, target),
      rename(fs.readFileSync(path.join(root, source), 'utf8'), names),
      {
        flag: 'wx',
      },
    )
    console.log(`+ ${target}`)
  }
  console.log(nextSteps(names))
  return 0
}

function problemWith(root, name, names, rest) {
  const kebab = /^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/
  if (!name) return 'The new module needs a name.'
  if (rest.length > 0) return `One name at a time: what is ${rest.join(' ')}?`
  if (!kebab.test(name))
    return `“${name}” is not kebab-case: lower-case words joined by hyphens, e.g. support-ticket.`
  if (!kebab.test(names.plural.kebab))
    return `“${names.plural.kebab}” is not kebab-case. Give --plural a name like support-tickets.`
  if (names.plural.kebab === name)
    return `“${name}” is its own plural. Name the one thing, or tell the two apart with --plural.`
  try {
    new Function(`'use strict'; const ${names.one.camel} = 0, ${names.plural.camel} = 0`)
  } catch {
    return `“${name}” is a word of the language. Choose another.`
  }
  for (const file of [`src/modules/${name}`, `test/api/${name}.test.ts`]) {
    if (fs.existsSync(path.join(root, file))) return `${file} exists already.`
  }
  return null
}

function filesToCopy(root) {
  const within = (folder) =>
    fs.existsSync(path.join(root, folder))
      ? fs.readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
          const file = `${folder}/${entry.name}`
          return entry.isDirectory() ? within(file) : [file]
        })
      : []
  const module = within(`src/modules/${EXAMPLE}`)
  const test = `test/api/${EXAMPLE}.test.ts`
  return module.length > 0 && fs.existsSync(path.join(root, test)) ? [...module, test] : module
}

function pluralOf(word) {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`
}

const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1)

function casings(kebab) {
  const words = kebab.split('-')
  const pascal = words.map(capital).join('')
  return {
    kebab,
    pascal,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    snake: words.join('_'),
    constant: words.join('_').toUpperCase(),
    words: words.join(' '),
  }
}

const namesOf = (name = '', plural = pluralOf(name)) => ({ one: casings(name), plural: casings(plural) })

// ── Renaming. In a name of one word all casings but the capital coincide; for longer names the place decides. ──

const COMMENT = /\/\/.*|\/\*[\s\S]*?\*\//
const QUOTED = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/
const TEMPLATE = /`(?:\\.|[^`\\])*`/
const PIECES = new RegExp(`(?<prose>${COMMENT.source})|(?<quoted>${QUOTED.source}|${TEMPLATE.source})`, 'g')

const SQL = /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|FROM|JOIN|WHERE|ORDER BY|RETURNING|CREATE|ALTER|DROP)\b/
const GRAPHQL = /^.\s*(query|mutation|subscription|fragment|\{)[\s\S]*\{/

function rename(text, names) {
  let result = ''
  let from = 0
  for (const piece of text.matchAll(PIECES)) {
    result += replaceWords(text.slice(from, piece.index), names, 'camel')
    result += piece.groups.prose ? replaceProse(piece[0], names) : renameString(piece[0], names)
    from = piece.index + piece[0].length
  }
  return result + replaceWords(text.slice(from), names, 'camel')
}

function renameString(quoted, names) {
  const content = quoted.slice(1, -1)
  if (GRAPHQL.test(quoted)) return replaceWords(quoted, names, 'camel')
  const style = SQL.test(content) || /^\w+$/.test(content) ? 'snake' : /\s/.test(content) ? null : 'kebab'
  const renameText = (part) => (style ? replaceWords(part, names, style) : replaceProse(part, names))
  if (!quoted.startsWith('`')) return renameText(quoted)
  // What a template interpolates is code.
  return quoted
    .split(/(\$\{[^}]*\})/)
    .map((part) => (part.startsWith('${') ? replaceWords(part, names, 'camel') : renameText(part)))
    .join('')
}

/** Comments and messages: words for people, except in backticks, which quote code. */
function replaceProse(text, names) {
  if (text.startsWith('`')) return replaceWords(text, names, 'words')
  return text
    .split(/(`[^`]*`)/)
    .map((part) => {
      if (!part.startsWith('`')) return replaceWords(part, names, 'words')
      return replaceWords(part, names, /^`[a-z-]+:|\.ts`$|\//.test(part) ? 'kebab' : 'camel')
    })
    .join('')
}

function replaceWords(text, names, style) {
  const pick = (s) => (s ? names.plural : names.one)
  return (
    text
      // post, posts, postId, post_id; not postgres, compost.
      .replace(/(?<![A-Za-z])post(s?)(?![a-z])/g, (_, s, offset) => {
        const next = text.charAt(offset + 4 + s.length)
        if (/[A-Z0-9]/.test(next)) return pick(s).camel
        return next === '_' || text.charAt(offset - 1) === '_' ? pick(s).snake : pick(s)[style]
      })
      // Post, PostType, createPost; not PostgreSQL.
      .replace(/Post(s?)(?![a-z])/g, (match, s, offset, whole) => {
        const opensSentence = style === 'words' && /(^|[.!?:*/'"`]\s*)$/.test(whole.slice(0, offset))
        const standsAlone = !/[A-Za-z0-9_]/.test(whole.charAt(offset + match.length))
        return opensSentence && standsAlone ? capital(pick(s).words) : pick(s).pascal
      })
      // POST_LIMIT, MAX_POSTS; not the HTTP method.
      .replace(/(?<![A-Za-z])POST(?=_)|(?<=_)POST(?![A-Za-z])/g, names.one.constant)
      .replace(/(?<![A-Za-z])POSTS(?![A-Za-z])/g, names.plural.constant)
  )
}

function nextSteps({ one, plural }) {
  return `
Next, and the type checker and the tests will ask for whatever is missing:
  1. src/modules/${one.kebab}/: keep the columns, rules and use cases that ${plural.words} need. Classify every column.
  2. '${one.snake}' in ID_KINDS (src/core/id.ts), what staff may do in PERMISSIONS (src/core/permission.ts), the events in src/modules/audit/audit-event.ts.
  3. migrations/: a new migration for the table ${plural.snake}, listed in migrations/migrations.ts.
  4. src/modules/modules.ts: the entities and the resolvers; src/jobs/tasks.ts: what is done in the background.
  5. src/graphql/permissions.ts: a rule for every new field of Query, Mutation and ${one.pascal}.
  6. test/policy/: who may do what with ${plural.words} in expectations.ts, and how to reach them in stage.ts.
  7. npm run format, npm run update, npm run check.
Read the diff once: ${one.kebab.includes('-') ? 'a name of several words is written differently in code, SQL and prose' : 'the prose was about posts'}.`
}

module.exports = { main, rename, namesOf }

if (require.main === module) process.exitCode = main(process.cwd(), process.argv.slice(2))
