// Before the first paint: the theme that the user chose (client/state/theme.ts keeps it).
try {
  const theme = localStorage.getItem('porthole.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // No storage: as the system says.
}
