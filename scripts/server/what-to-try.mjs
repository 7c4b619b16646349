/**
 * What a person reads after `ready`.
 * @param {string} url
 * @param {{ title: string, command: string }[]} curls
 */
export function whatToTry(url, curls) {
  const lines = [
    '',
    'Keys of this server: write key wk_dev, server key sk_dev, admin token at_dev.',
    `Messages that left: curl -H 'Authorization: Bearer at_dev' '${url}/admin/api/deliveries'`,
  ];
  for (const { title, command } of curls) lines.push('', `# ${title}`, command);
  return `${lines.join('\n')}\n`;
}
