"""What an operator reads when the key store refuses: what is wrong, where, and what to do."""

from __future__ import annotations

SENTENCES = {
    "key_directory_is_not_a_directory": "{where} is a link or a file; put the folder itself there",
    "key_directory_has_another_owner": "{where} belongs to another user; run "
    "`chown -R` to the service's user as root, or run this command as that user",
    "key_directory_is_open_to_others": "others can enter {where}; run `chmod 700 {where}`",
    "key_directory_cannot_be_made": "{where} cannot be made; make it as root and give it to the "
    "service's user (mode 0700)",
    "key_directory_cannot_be_read": "{where} cannot be read; it must belong to the service's user "
    "(mode 0700)",
    "key_directory_cannot_be_written": "{where} cannot be written to; check owner, mount and space",
    "key_file_cannot_be_read": "{where} cannot be read, or is a link; keys are plain files of the "
    "service's user (mode 0600)",
    "key_file_is_not_a_file": "{where} is not a plain file; keys are plain files",
    "key_file_has_another_owner": "{where} belongs to another user; `chown` it to the service's user",
    "key_file_is_open_to_others": "others can read {where}; run `chmod 600 {where}`, and find out who "
    "could have read it",
    "key_file_is_damaged": "{where} is damaged; if a replica has it whole, take the damaged file away "
    "and run `petitions keys repair`",
    "key_place_is_missing": "{where} does not exist; on a new site run `petitions keys init`",
    "first_place_is_lost": "{where} holds no keys, but a replica does: stop, move the replica into its "
    "place, then run `petitions keys repair`; never make new keys",
    "replica_is_missing": "{where} holds none of this site's keys; mount the volume, or if the replica "
    "is new run `petitions keys repair`",
    "place_has_no_witness": "{where} holds keys but not the key that signs for this place, so it came "
    "from elsewhere; if you moved it here, run `petitions keys repair`",
    "key_is_not_on_every_replica": "{where} is missing while another place has this key; run "
    "`petitions keys repair`",
    "replicas_differ": "{where} is not the same key as in the first place; find out which one the "
    "petitions use and take the other away, nothing does that by itself",
    "destruction_is_unfinished": "{where} is still there although its destruction has begun; run "
    "`petitions keys repair`",
    "replica_name_is_not_plain": "a replica's name has lower-case letters, digits and hyphens only",
    "key_cannot_be_written": "{where} cannot be written; no copy of the key was kept",
    "key_exists_on_one_replica_only": "{where} exists although the first place lacks it; run "
    "`petitions keys repair`",
    "key_module_is_missing": "python-pkcs11 is not installed; install the extra [hsm]",
    "key_module_cannot_be_loaded": "the PKCS#11 module {where} cannot be loaded",
    "key_token_is_missing": "there is no token labelled {where}",
    "key_token_is_there_twice": "there are two tokens labelled {where}; give each a label of its own",
    "key_token_refuses_the_pin": "token {where} refuses the PIN; correct the PIN file before it locks",
    "key_token_is_locked": "token {where} is locked; its security officer has to unlock it",
    "key_token_lacks_a_mechanism": "the token cannot do {where}, which the keys need",
    "key_token_has_no_gcm_nonce": "token {where} neither takes nor tells a 12-byte nonce of AES-GCM",
    "key_token_has_no_zone": "token {where} holds none of this zone's keys; on a new site run "
    "`petitions keys init`",
    "key_token_has_lost_its_keys": "token {where} held this zone's keys and is empty now; restore it "
    "from its own backup, never make new keys",
    "key_token_does_not_destroy": "the token says that it destroyed {where}, but still has it",
    "key_token_lets_keys_out": "the token would let the key {where} be read out; set its policy so "
    "that keys stay inside",
    "key_token_failed": "the token failed ({where}), also after it was opened again",
    "key_is_there_twice": "the token holds two keys named {where}; take the one away that is not used",
}


def sentence(code: str, where: str = "") -> str:
    """For the operator; a code nobody foresaw is told as it is."""
    known = SENTENCES.get(code)
    if known is None:
        return f"{code} {where}".strip()
    return known.format(where=where)
