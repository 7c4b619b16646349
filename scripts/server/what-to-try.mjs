/**
 * What a person reads after `ready`.
 * @param {string} url
 * @param {{ title: string, command: string }[]} curls  none where there is no demo shop
 */
export function whatToTry(url, curls) {
  const lines = [
    '',
    ...(curls.length > 0 ? [`Demo shop: ${url}/demo`] : []),
    'Keys of this server: write key wk_dev, server key sk_dev, admin token at_dev.',
    `Messages that left: curl -H 'Authorization: Bearer at_dev' '${url}/admin/api/deliveries'`,
  ];
  for (const { title, command } of curls) lines.push('', `# ${title}`, command);
  return `${lines.join('\n')}\n`;
}
