use super::*;

#[test]
fn integers_are_read() {
    struct Case {
        bytes: &'static [u8],
        signed: Option<i64>,
        unsigned: Option<u64>,
    }
    let cases = [
        Case {
            bytes: &[1, 0],
            signed: Some(0),
            unsigned: Some(0),
        },
        Case {
            bytes: &[2, 0x34, 0x12],
            signed: Some(0x1234),
            unsigned: Some(0x1234),
        },
        Case {
            bytes: &[0x81, 5],
            signed: Some(-5),
            unsigned: None,
        },
        Case {
            bytes: &[8, 255, 255, 255, 255, 255, 255, 255, 255],
            signed: None,
            unsigned: Some(u64::MAX),
        },
        Case {
            bytes: &[0, 1],
            signed: None,
            unsigned: None,
        },
        Case {
            bytes: &[9, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            signed: None,
            unsigned: None,
        },
        Case {
            bytes: &[2, 1],
            signed: None,
            unsigned: None,
        },
        Case {
            bytes: &[],
            signed: None,
            unsigned: None,
        },
    ];
    for case in cases {
        assert_eq!(
            Reader::new(case.bytes).int().ok(),
            case.signed,
            "{:?}",
            case.bytes
        );
        let unsigned = Reader::new(case.bytes).unsigned().ok();
        assert_eq!(unsigned, case.unsigned, "{:?}", case.bytes);
    }
}

#[test]
fn numbers_are_read() {
    // 122.782 as the detector's file has it: 0xf59062 * 2^-17.
    let bytes = [3, 0x62, 0x90, 0xf5, 0x81, 0x11];
    assert_eq!(Reader::new(&bytes).float32(), Ok(122.782));
    // -1.5 = -3 * 2^-1
    assert_eq!(Reader::new(&[0x81, 3, 0x81, 1]).float(), Ok(-1.5));
    // dlib's sign for infinity: the exponent 32000.
    assert!(Reader::new(&[1, 0, 2, 0x00, 0x7d]).float().is_err());
    assert!(Reader::new(b"1.5 ").float().is_err());
    // 2^200 is not a `float`.
    let large = [1, 1, 2, 200, 0];
    assert!(Reader::new(&large).float().is_ok());
    assert!(Reader::new(&large).float32().is_err());
}

#[test]
fn a_tensor_larger_than_the_file_is_refused() {
    // Version 2, 2^30 x 2^30 x 1 x 1.
    let mut bytes = vec![1, 2];
    for size in [1_u32 << 30, 1 << 30, 1, 1] {
        bytes.push(4);
        bytes.extend(size.to_le_bytes());
    }
    let damage = Reader::new(&bytes).tensor().unwrap_err();
    assert_eq!(damage.offset, 2);
    assert!(damage.expected.contains("0 bytes left"), "{damage:?}");
}

#[test]
fn tensors_are_read() {
    let mut bytes = vec![1, 2, 1, 1, 1, 2, 1, 1, 1, 1];
    bytes.extend(1.5_f32.to_le_bytes());
    bytes.extend((-2.0_f32).to_le_bytes());
    let tensor = Tensor {
        shape: [1, 2, 1, 1],
        values: vec![1.5, -2.0],
    };
    assert_eq!(Reader::new(&bytes).tensor(), Ok(tensor));
    bytes[14..18].copy_from_slice(&f32::NAN.to_le_bytes());
    assert_eq!(Reader::new(&bytes).tensor().unwrap_err().offset, 14);
}
