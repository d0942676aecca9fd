/** The document type of service bundles: order of elements, attributes and their words, as svccfg requires them. */

/** svccfg compares the DOCTYPE's system id with this, letter by letter. */
export const DTD_SYSTEM_ID = '/usr/share/lib/xml/dtd/service_bundle.dtd.1'

/** Types of properties that have one value. */
export const PROPERTY_TYPES = [
  'count',
  'integer',
  'opaque',
  'host',
  'hostname',
  'net_address',
  'net_address_v4',
  'net_address_v6',
  'time',
  'astring',
  'ustring',
  'boolean',
  'fmri',
  'uri',
] as const

const lists = PROPERTY_TYPES.map((type) => `${type}_list`)

export const SERVICE_BUNDLE_DTD = `
<!ENTITY % boolean "(true | false)">
<!ENTITY % type "(${PROPERTY_TYPES.join(' | ')})">
<!ENTITY % grouping "(require_all | require_any | optional_all | exclude_all)">
<!ENTITY % restart_on "(none | error | restart | refresh)">
<!ENTITY % name "name CDATA #REQUIRED">
<!ENTITY % properties "(propval | property)*">

<!ELEMENT service_bundle (service_bundle* | service* | xi:include*)>
<!ATTLIST service_bundle %name; type CDATA #REQUIRED>
<!ELEMENT xi:include (xi:fallback)>
<!ATTLIST xi:include href CDATA #REQUIRED parse (xml | text) "xml" encoding CDATA #IMPLIED
  xmlns:xi CDATA #FIXED "http://www.w3.org/2001/XInclude">
<!ELEMENT xi:fallback ANY>
<!ATTLIST xi:fallback xmlns:xi CDATA #FIXED "http://www.w3.org/2001/XInclude">

<!ELEMENT service (create_default_instance?, single_instance?, restarter?, dependency*, dependent*,
  method_context?, exec_method*, notification_parameters*, property_group*, instance*, stability?, template?)>
<!ATTLIST service %name; version CDATA #REQUIRED type (service | restarter | milestone) #REQUIRED>
<!ELEMENT create_default_instance EMPTY>
<!ATTLIST create_default_instance enabled %boolean; #REQUIRED>
<!ELEMENT single_instance EMPTY>
<!ELEMENT instance (restarter?, dependency*, dependent*, method_context?, exec_method*,
  notification_parameters*, property_group*, template?)>
<!ATTLIST instance %name; enabled %boolean; #REQUIRED>
<!ELEMENT restarter (service_fmri)>
<!ELEMENT service_fmri EMPTY>
<!ATTLIST service_fmri value CDATA #REQUIRED>

<!ELEMENT dependency (service_fmri*, stability?, %properties;)>
<!ATTLIST dependency %name; grouping %grouping; #REQUIRED restart_on %restart_on; #REQUIRED
  type CDATA #REQUIRED delete %boolean; "false">
<!ELEMENT dependent (service_fmri, stability?, %properties;)>
<!ATTLIST dependent %name; grouping %grouping; #REQUIRED restart_on %restart_on; #REQUIRED
  delete %boolean; "false" override %boolean; "false">

<!ELEMENT exec_method (method_context?, stability?, %properties;)>
<!ATTLIST exec_method %name; type (method | monitor) #REQUIRED exec CDATA #REQUIRED
  timeout_seconds CDATA #REQUIRED delete %boolean; "false">
<!ELEMENT method_context ((method_profile | method_credential)?, method_environment?)>
<!ATTLIST method_context security_flags CDATA #IMPLIED working_directory CDATA #IMPLIED
  project CDATA #IMPLIED resource_pool CDATA #IMPLIED>
<!ELEMENT method_profile EMPTY>
<!ATTLIST method_profile %name;>
<!ELEMENT method_credential EMPTY>
<!ATTLIST method_credential user CDATA #REQUIRED group CDATA #IMPLIED supp_groups CDATA #IMPLIED
  privileges CDATA #IMPLIED limit_privileges CDATA #IMPLIED>
<!ELEMENT method_environment (envvar+)>
<!ELEMENT envvar EMPTY>
<!ATTLIST envvar %name; value CDATA #REQUIRED>

<!ELEMENT property_group (stability?, %properties;)>
<!ATTLIST property_group %name; type CDATA #REQUIRED delete %boolean; "false">
<!ELEMENT propval EMPTY>
<!ATTLIST propval %name; type %type; #REQUIRED value CDATA #REQUIRED override %boolean; "false">
<!ELEMENT property (${lists.join(' | ')})?>
<!ATTLIST property %name; type %type; #REQUIRED override %boolean; "false">
${lists.map((list) => `<!ELEMENT ${list} (value_node+)>`).join('\n')}
<!ELEMENT value_node EMPTY>
<!ATTLIST value_node value CDATA #REQUIRED>

<!ELEMENT notification_parameters (event, type+)>
<!ELEMENT event EMPTY>
<!ATTLIST event value CDATA #REQUIRED>
<!ELEMENT type (parameter | paramval)*>
<!ATTLIST type name CDATA #REQUIRED active %boolean; "true">
<!ELEMENT parameter (value_node*)>
<!ATTLIST parameter %name;>
<!ELEMENT paramval EMPTY>
<!ATTLIST paramval %name; value CDATA #REQUIRED>

<!ELEMENT stability EMPTY>
<!ATTLIST stability value (Standard | Stable | Evolving | Unstable | External | Obsolete) #REQUIRED>
<!ELEMENT template (common_name, description?, documentation?, pg_pattern*)>
<!ELEMENT common_name (loctext+)>
<!ELEMENT description (loctext+)>
<!ELEMENT units (loctext+)>
<!ELEMENT loctext (#PCDATA)>
<!ATTLIST loctext xml:lang CDATA #REQUIRED>
<!ELEMENT documentation (doc_link | manpage)*>
<!ELEMENT doc_link EMPTY>
<!ATTLIST doc_link %name; uri CDATA #REQUIRED>
<!ELEMENT manpage EMPTY>
<!ATTLIST manpage title CDATA #REQUIRED section CDATA #REQUIRED manpath CDATA ":default">

<!ELEMENT pg_pattern (common_name?, description?, prop_pattern*)>
<!ATTLIST pg_pattern name CDATA "" type CDATA "" required %boolean; "false"
  target (this | instance | delegate | all) "this">
<!ELEMENT prop_pattern (common_name?, description?, units?, visibility?, cardinality?,
  internal_separators?, values?, constraints?, choices?)>
<!ATTLIST prop_pattern %name; type %type; #IMPLIED required %boolean; "false">
<!ELEMENT visibility EMPTY>
<!ATTLIST visibility value (hidden | readonly | readwrite) #REQUIRED>
<!ELEMENT cardinality EMPTY>
<!ATTLIST cardinality min CDATA "0" max CDATA "18446744073709551615">
<!ELEMENT internal_separators (#PCDATA)>
<!ELEMENT values (value+)>
<!ELEMENT value (common_name?, description?)>
<!ATTLIST value %name;>
<!ELEMENT constraints (value*, range*)>
<!ELEMENT choices (value*, range*, include_values*)>
<!ELEMENT range EMPTY>
<!ATTLIST range min CDATA #REQUIRED max CDATA #REQUIRED>
<!ELEMENT include_values EMPTY>
<!ATTLIST include_values type (constraints | values) #REQUIRED>
`
