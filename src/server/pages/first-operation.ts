/** What Sandbox and GraphiQL begin with: works at once, for everybody, and says how to go on. */
export const FIRST_OPERATION = {
  document: `# Press play: new posts and their authors.
query NewestPosts($first: Int) {
  posts(first: $first) {
    edges {
      node {
        title
        publishedAt
        author {
          username
          displayName
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

# To sign in, take an account from demo-accounts.json in
# the data folder, and send this from a tab of its own:
#
# mutation SignIn {
#   signIn(input: {
#     login: "…", password: "…", transport: COOKIE
#   }) {
#     user { username }
#     userErrors { code field message }
#   }
# }
#
# From then on the browser is signed in, and this says who
# you are: query Me { viewer { username email } }
#
# With BEARER the answer holds a token instead. Send it from
# the Headers tab: { "authorization": "Bearer ptc_…" }
`,
  variables: { first: 5 },
  headers: { 'accept-language': 'en' },
} as const
