import type { Share } from '../../shared/model/share.ts'

/** What users read where links are made, shown and passed on. */
export const shareTexts = {
  share: 'Share',
  links: {
    label: 'Link',
    copy: 'Copy link',
    copied: 'Link copied',
    byHand: 'Copy it by hand: this browser lends the clipboard to secure pages only.',
    system: 'Share with…',
    on: (site: string) => `Share on ${site}`,
    mail: 'Send by mail',
    qr: 'QR code of the link',
    saveQr: 'Save QR code',
  },
  reach: {
    public: '',
    network: 'This link works inside this network. Previews in messengers need a public address: start the server with --public-url.',
    machine: 'This link works on this machine alone. Start the server with --lan for the network, or --public-url for everybody.',
  } satisfies Record<Share['reach'], string>,
  portal: {
    title: (name: string) => `Share “${name}”`,
    close: 'Close',
    cameras: 'Cameras',
    passcodeTitle: 'This live view has a passcode',
    live: (age: string) => `Picture ${age} old`,
    secure: 'Full quality by https',
    secureHint: 'Over plain http browsers show single pictures only.',
    by: 'Shown by Porthole',
    noPicture: 'There is no picture to save yet.',
    fullTitle: 'Somebody has to leave first',
    closedTitle: 'This link is closed',
  },
} as const
