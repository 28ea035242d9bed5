-- The certificate of the fleet's domain: one row, present once a domain is set.
create table certificate (
  only_row boolean primary key default true check (only_row),
  domain text not null,
  -- URL of the ACME directory.
  directory text not null,
  -- Names the passphrase that keys are encrypted with: with another one they are of no use.
  passphrase_id text not null,
  -- The ACME account at that directory: its key (encrypted PEM) and URL.
  account_key text,
  account_url text,
  -- PEM: the chain, and its key encrypted with a passphrase that the database does not have.
  chain text,
  private_key text,
  not_after timestamptz,
  -- The next order is placed at this time: a renewal, or a retry.
  due timestamptz not null default now(),
  -- Orders that failed since the last certificate, and the reason of the last one.
  failures integer not null default 0,
  problem text,
  -- The process that places an order, and how long it may take.
  issuer text,
  issuer_until timestamptz not null default '-infinity'
);

-- HTTP-01 challenges of the order in progress (RFC 8555, section 8.3).
create table certificate_challenges (
  token text primary key,
  key_authorization text not null
);
