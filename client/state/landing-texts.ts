/** What stands on the wall while there is no camera: how to come to the first. */
export const landingTexts = {
  title: 'No cameras yet',
  text: 'Any device with a camera can be the first: this one is live in a moment.',
  note: 'Pictures are sent only while somebody watches.',
  viewerText: 'Nobody gave you a camera yet. Ask the owner of this server: what you are given appears here at once.',
  others: 'Other ways to a camera',

  phone: {
    title: 'A phone',
    scan: 'Scan this with it, sign in, and press “Use this camera” there.',
    certificate: 'If its browser warns of the certificate, go on.',
    code: (url: string) => `QR code of ${url}`,
    closed: 'Only this machine reaches the server. Start it for your whole network, and the phone’s QR code stands here.',
    command: 'npm start -- --lan',
    password: 'Set a password first',
  },
  upload: {
    title: 'A device that uploads',
    text: 'Whatever sends a JPEG by HTTP. Make its camera, then give it the camera’s key.',
    make: 'Make its camera',
    name: 'Uploads',
    command: (url: string, camera = 'CAMERA') =>
      `curl -T picture.jpg -H "Authorization: Bearer KEY" -H "Content-Type: image/jpeg" ${url}/upload/${camera}`,
  },
  demo: {
    title: 'A demo',
    text: 'A potted azalea in the wind, which the server draws itself.',
    make: 'Show the demo',
    name: 'Azalea',
    off: 'A potted azalea in the wind, which the server draws itself when it is started for it.',
    command: 'npm start -- --demo',
  },

  copy: 'Copy',
  copied: 'Copied',
} as const
