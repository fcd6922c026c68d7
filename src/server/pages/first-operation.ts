/** What Sandbox and GraphiQL begin with: works at once, for everybody, and says how to go on. */
export const FIRST_OPERATION = {
  document: `# Press play: the newest posts and who wrote them.
query NewestPosts($first: Int) {
  posts(first: $first) {
    nodes {
      title
      publishedAt
      author {
        username
        displayName
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

# Who you are. Null until you sign in: put this into a tab of its own.
#
# query Me { viewer { username email permissions { name } } }
#
# To sign in, take an account that was printed at the start (it is in demo-accounts.json, too).
# With COOKIE the browser is signed in from then on. With BEARER the answer has a token: send it
# from the Headers tab as { "authorization": "Bearer ptc_…" }.
#
# mutation SignIn {
#   signIn(input: { login: "…", password: "…", transport: COOKIE }) {
#     user { username }
#     userErrors { code field message }
#   }
# }
`,
  variables: { first: 5 },
  headers: { 'accept-language': 'en' },
} as const
