# LemonLDAP::NG's portal as a program of the tests, with people of the tests and its own static files.
# Beside it a list of what browsers and sites sent, one JSON object per line, in SEEN.
use strict;
use JSON;
use Plack::Builder;
use Lemonldap::NG::Portal::Main;
use Lemonldap::NG::Portal::UserDB::Demo;

# of its demonstration module: the name is the password
%Lemonldap::NG::Portal::UserDB::Demo::demoAccounts = %{ from_json( $ENV{PEOPLE} ) };
%Lemonldap::NG::Portal::UserDB::Demo::demoGroups = ();

my $witness = sub {
    my $app = shift;
    sub {
        my $environ = shift;
        my %seen = ( path => $environ->{PATH_INFO} );
        for my $name ( grep { /^HTTP_/ } keys %$environ ) {
            $seen{ lc( substr( $name, 5 ) =~ tr/_/-/r ) } = $environ->{$name};
        }
        open( my $list, '>>', $ENV{SEEN} ) or die $!;
        syswrite( $list, to_json( \%seen ) . "\n" );
        close $list;
        $app->($environ);
    }
};

builder {
    enable 'Static', path => sub { s!^/static/!! }, root => "$ENV{PORTAL}/static";
    enable 'Static', path => sub { s!^/javascript/!! }, root => '/usr/share/javascript';
    enable $witness;
    Lemonldap::NG::Portal::Main->run( {} );
};
