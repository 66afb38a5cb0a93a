// A file that is imported `with { type: 'file' }` is its path: on disk from source, inside the binary when compiled.
declare module 'swagger-ui-dist/*' {
  const path: string
  export default path
}
