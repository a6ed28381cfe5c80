import js from '@eslint/js'
import jsxA11y from 'eslint-plugin-jsx-a11y'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

/** `lib`, `components` ← `features` ← `app`; no feature imports another; no barrel files. */
const layers = (message, patterns) => ['error', { patterns: [{ group: patterns, message }, { group: ['**/index', '**/index.ts'], message: 'No barrel files: import the module itself.' }] }]

export default tseslint.config(
  { ignores: ['dist', 'src/lib/api-types.ts', 'src/app/service-worker.js', 'public'] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  jsxA11y.flatConfigs.recommended,
  reactHooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js', 'scripts/*.mjs'] }, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'no-alert': 'error',
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      // `void promise` says in so many words that nobody waits for it.
      'no-void': 'off',
      // Routes redirect by throwing what the router made.
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  { files: ['tests/**', 'vite/**'], rules: { 'max-lines-per-function': 'off' } },
  {
    files: ['src/lib/**'],
    rules: { 'no-restricted-imports': layers('lib stands below everything else.', ['@/components/*', '@/features/*', '@/app/*', '../components/*', '../features/*', '../app/*']) },
  },
  {
    files: ['src/components/**'],
    rules: { 'no-restricted-imports': layers('components know no feature.', ['@/features/*', '@/app/*']) },
  },
  {
    files: ['src/features/**'],
    rules: { 'no-restricted-imports': layers('A feature imports no other feature: what two share belongs to lib or components.', ['@/features/*', '@/app/*', '../*']) },
  },
  {
    files: ['scripts/**', 'eslint.config.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { URL: 'readonly', process: 'readonly', console: 'readonly' } },
  },
)
