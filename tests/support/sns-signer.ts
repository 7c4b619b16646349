/**
 * What SNS would send, signed with a key pair of the tests' own, whose certificate stands in for Amazon's. What is signed
 * is written here once more, from Amazon's documentation.
 */
export const TOPIC = 'arn:aws:sns:ap-northeast-2:123456789012:reflex-reports';
export const CERTIFICATE_URL = 'https://sns.ap-northeast-2.amazonaws.com/SimpleNotificationService-test.pem';

export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIDCTCCAfGgAwIBAgIUc/zuuXaUEgqULT22lWDPlKamTuIwDQYJKoZIhvcNAQEL
BQAwEzERMA8GA1UEAwwIc25zLnRlc3QwIBcNMjYxMTI0MTIxMjI3WhgPMjEyNjEw
MzExMjEyMjdaMBMxETAPBgNVBAMMCHNucy50ZXN0MIIBIjANBgkqhkiG9w0BAQEF
AAOCAQ8AMIIBCgKCAQEAkcmG5ML24uhVGAPtNoVg8pY4U2eOQI+wtZjxqCntZVSn
C6QfiDEllEQQbG0sPMpHPnSajHL3KCdkeRgujqzMz9qZQQX/KEuKC5wPMAxQ4DNN
T50W+DyBmCObmaaTS5DfT11LZcfvILMqLAoUT4k2DOQ2b85MabS+KFcascDgv0GI
JWG2r/hCMzSfOjbKVoClRLMr0rWlZWwTJUvCLp6dXWx2jkur8q3O1J4GKX/5ZKp8
6IM4Emp7h4CI1yJrGnGYOA37BZpi5fsGi10oU8Ngef1aFmHuXv+S4yDv/Nv7xvHs
O7vlPZy/OIdCgy8HXdzLncS+tN5XL4vTo/4kTUntPwIDAQABo1MwUTAdBgNVHQ4E
FgQUcIY03gg4to6lhxA0OauiItHGKuMwHwYDVR0jBBgwFoAUcIY03gg4to6lhxA0
OauiItHGKuMwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAhIv2
wG/a6JvDtxm9tY47Xq/wUv5Dh2zTTrGQVo0nEO57WflZVRkNaoqYJr0JOzTxH+KK
5jH9JQXxa4MQAJu6mjIhHqcvWQ0PNDJ/8Xd54XqOvTqkSKJd5vpbreuIIa240fqB
LrmYvvMysZJtUBm9sl1gW0D3lagq5Ktklas5qy6zu/MRD7XueWNgefBuDWDA+Fkg
FuJbHqdt2JNvNJkqkLnbpEBDYZSESCrrNn0mJsVxvRwKG0CrU76WAEH4B9yuxorc
caQHyhBhOyUKPMq41FlO481TXWRldMstVzRITEXG9eoeDajwCJnPn7EsE/x+yRkQ
vFykzUIU2qRYLCoupA==
-----END CERTIFICATE-----`;

const PRIVATE_KEY = `-----BEGIN PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCRyYbkwvbi6FUY
A+02hWDyljhTZ45Aj7C1mPGoKe1lVKcLpB+IMSWURBBsbSw8ykc+dJqMcvcoJ2R5
GC6OrMzP2plBBf8oS4oLnA8wDFDgM01PnRb4PIGYI5uZppNLkN9PXUtlx+8gsyos
ChRPiTYM5DZvzkxptL4oVxqxwOC/QYglYbav+EIzNJ86NspWgKVEsyvStaVlbBMl
S8Iunp1dbHaOS6vyrc7UngYpf/lkqnzogzgSanuHgIjXImsacZg4DfsFmmLl+waL
XShTw2B5/VoWYe5e/5LjIO/82/vG8ew7u+U9nL84h0KDLwdd3MudxL603lcvi9Oj
/iRNSe0/AgMBAAECggEAFVaqhGRXD6pS/jNg7qiCIq/DKc4P/7oocsQipusQINNN
qgIJTX1oEzYNM1mdbn5rBCS8FE+lhn6Rkbns4pw/VDMaWG6gxMydtYpPnMhItDA+
IieLm6T7kQGxPkGn8JkRXoP4y7qCcUZYJ18ITwX139gtcZsACz7V0IDDWv4wxz1/
NsneH1oviCmPtaT3RlWIuuQ55sXydDmJwvTkk0IQV1KdB2nv9jo9M2hO6AzQJNK3
K7J+fbvGdDSzk0RqwD8iGURdAZCV5FjT1Q2Zm+sIyj+4GFwsqjABTJKX7U5ayfRm
ajig3rwW/6pAVqZwDIxWKR00fjYlxpv/DPPt8ZN5cQKBgQDFvtb225yvt94FwYQE
n1oavc9Io6z8Kc1Za3vKhqUl4001+yAROoh3GClX7ez0fQO3zgEviGE55G1wvtNz
QInBSDXT41RSP2V23Permvloi8W2vbE/Bl2azOnyDR/pSoF1GkACO3fqRnlWInjF
ampFNGmpH24h/tREy7ZjCq3yEQKBgQC8vDTstkk22rC2m9dSspQoi7HygJu3cHz6
wAbE9Y0nHFERhik7hULBGDUMlxfgtoYC3FyV80Vx8SGlCFYRCjMkflR7kznljVvR
anBAU9bu3NEb2hBmKM3baLII5PVvOvTaLaORkzfhZtvlwwxOY0H8/EmZ46tEgIg5
MU91AB6aTwKBgB3JcXgd/Kw7diZH0CsiFeCRVvgKL7SMV3JwzmTjg10BsE/BVENE
HepSqWelX1w0uKqnTWZrlLmzvwiMti1WO2nyBqm0RK9e/Vm6T1R6M7eb1lyAloJ3
4wG+fD8J2xS5NGb/XUT40Edp9j0TVD3ombly+7eOFHjqee8jAIZKxYkBAoGARtIY
yfpc3siRJvSzh8Sa89v3mhfIVr1PKIiGAcJihRqLERhWwI7wzaRXw7GutBPJlak6
1MnEdU0WYucN5Lb/GeKNsRE92HWCzsIx/PF45YjWrqzVGoCVPo+6vrurnWFyH6yg
hC/J+DqwqTbXl1KHoHbK54QW8E2K0GtAdZbl5OECgYAyDFujApJM/OfAr8gkrW2j
ipLiQtIUoMG63B7MRHSRgcSdLwS+JfXe/GRp2H8W9kmvA5lpcQPi4Z6W34luuxG8
+ReD6jE3GnriV6jEzHY8Oj+PjgLihPqeWJUC1Syw+ypLIx0abM6ks8H3njyvjxfM
MTAeBXNdDXg15TUxVqcTqg==
-----END PRIVATE KEY-----`;

export type SnsJson = Record<string, string>;

/** A complete message; `version` 1 is SHA-1, 2 SHA-256. */
export async function signedBySns(change: SnsJson = {}, version: '1' | '2' = '2'): Promise<SnsJson> {
  const message: SnsJson = {
    Type: 'Notification',
    MessageId: crypto.randomUUID(),
    TopicArn: TOPIC,
    Timestamp: new Date().toISOString(),
    Message: '{}',
    SignatureVersion: version,
    SigningCertURL: CERTIFICATE_URL,
    ...change,
  };
  const isConfirmation = message.Type !== 'Notification';
  const names = isConfirmation
    ? ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
    : [
        'Message',
        'MessageId',
        ...(message.Subject === undefined ? [] : ['Subject']),
        'Timestamp',
        'TopicArn',
        'Type',
      ];
  const text = names.map((name) => `${name}\n${message[name]}\n`).join('');
  const hash = version === '1' ? 'SHA-1' : 'SHA-256';
  const pkcs8 = Uint8Array.from(atob(PRIVATE_KEY.replace(/-----[A-Z ]+-----|\s/g, '')), (c) =>
    c.charCodeAt(0),
  );
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSASSA-PKCS1-v1_5', hash }, false, [
    'sign',
  ]);
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key, new TextEncoder().encode(text));
  return { ...message, Signature: btoa(String.fromCharCode(...new Uint8Array(signature))) };
}
